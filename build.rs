//! Asks the linker for what splitting the app into parts needs: with the feature `split`, each reference between functions
//! and data stays known.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_SPLIT").is_some() {
        println!("cargo::rustc-link-arg-bin=velvet-rope=--emit-relocs");
    }
}
