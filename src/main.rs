//! Mounts the console.

fn main() {
    console_error_panic_hook::set_once();
    velvet_rope_app::browser::page::remove("boot");
    leptos::mount::mount_to_body(velvet_rope_app::Boot);
}
