//! The folders of `src/` and the arrows between modules: they only go down, and no two modules use each other.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::{
    Attribute, Item, UseTree,
    visit::{self, Visit},
};

/// From the top. A module may use those of its own folder and of the folders behind it in this list.
const FOLDERS: [&str; 11] = [
    "commands",
    "bench",
    "checks",
    "hosting",
    "aws::system",
    "aws::cloudformation",
    "aws::functions",
    "aws::connection",
    "aws",
    "release",
    "support",
];

/// Each module with the modules that it uses, by their paths: `aws::connection::target`.
type Uses = BTreeMap<String, BTreeSet<String>>;

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| {
            if path.is_dir() {
                sources(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

fn module_of(file: &Path, src: &Path) -> Vec<String> {
    let path = file.strip_prefix(src).unwrap().with_extension("");
    let mut module: Vec<_> = path
        .iter()
        .map(|name| name.to_str().unwrap().to_owned())
        .collect();
    if module.last().is_some_and(|name| name == "mod") {
        module.pop();
    }
    module
}

/// Collects the paths that begin with `crate`, `self` or `super`, from the crate's root.
struct Paths<'a> {
    module: &'a [String],
    found: Vec<Vec<String>>,
}

impl Paths<'_> {
    fn add(&mut self, path: &[String]) {
        let mut absolute = match path.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("self" | "super") => self.module.to_vec(),
            _ => return,
        };
        for name in path {
            match name.as_str() {
                "crate" | "self" => {}
                "super" => {
                    absolute.pop();
                }
                _ => absolute.push(name.clone()),
            }
        }
        self.found.push(absolute);
    }

    fn add_tree(&mut self, before: &[String], tree: &UseTree) {
        let joined = |name: String| [before, &[name]].concat();
        match tree {
            UseTree::Path(path) => self.add_tree(&joined(path.ident.to_string()), &path.tree),
            UseTree::Name(name) => self.add(&joined(name.ident.to_string())),
            UseTree::Rename(name) => self.add(&joined(name.ident.to_string())),
            UseTree::Glob(_) => self.add(before),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_tree(before, tree);
                }
            }
        }
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|condition| condition == "test")
    })
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Mod(module) if is_test(&module.attrs) => {}
            Item::Use(item) => self.add_tree(&[], &item.tree),
            _ => visit::visit_item(self, item),
        }
    }

    // `pub(super)` uses nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string());
        self.add(&names.collect::<Vec<_>>());
        visit::visit_path(self, path);
    }
}

fn uses() -> Uses {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = sources(&src);
    let modules: BTreeSet<_> = files
        .iter()
        .map(|file| module_of(file, &src).join("::"))
        .collect();
    let known = |path: &[String]| {
        let prefixes = (1..=path.len())
            .rev()
            .map(|length| path[..length].join("::"));
        prefixes.into_iter().find(|prefix| modules.contains(prefix))
    };
    let used_by = |file: &PathBuf| {
        let module = module_of(file, &src);
        let mut paths = Paths {
            module: &module,
            found: Vec::new(),
        };
        let source = syn::parse_file(&fs::read_to_string(file).unwrap());
        assert!(source.is_ok(), "{} cannot be parsed", file.display());
        paths.visit_file(&source.unwrap());
        let module = module.join("::");
        let mut used: BTreeSet<_> = paths.found.iter().filter_map(|path| known(path)).collect();
        used.remove(&module);
        (module, used)
    };
    files
        .iter()
        .filter(|file| !file.ends_with("main.rs"))
        .map(used_by)
        .collect()
}

/// The place in [`FOLDERS`], counted from the top.
fn layer(module: &str) -> Option<usize> {
    let is_in = |folder: &&str| {
        module
            .strip_prefix(folder)
            .is_some_and(|inner| inner.is_empty() || inner.starts_with("::"))
    };
    FOLDERS.iter().position(is_in)
}

#[test]
fn every_module_uses_only_its_own_folder_and_those_below() {
    let uses = uses();
    assert!(uses.len() > 50, "only {} modules were read", uses.len());
    for (module, used) in uses {
        let own = layer(&module).unwrap_or_else(|| panic!("{module} is in no folder of the list"));
        for other in used {
            let below = layer(&other).unwrap();
            assert!(below >= own, "{module} uses {other}, which is above it");
        }
    }
}

#[test]
fn no_modules_use_each_other_in_a_circle() {
    let mut circle = uses();
    // A module that uses none of the others, or that none of the others uses, is in no circle.
    loop {
        let before = circle.len();
        let left: BTreeSet<_> = circle.keys().cloned().collect();
        let used: BTreeSet<_> = circle.values().flatten().cloned().collect();
        circle.retain(|module, others| used.contains(module) && !others.is_disjoint(&left));
        if circle.len() == before {
            break;
        }
    }
    assert!(circle.is_empty(), "in a circle: {:?}", circle.keys());
}
