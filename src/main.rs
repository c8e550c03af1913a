//! Mounts the console.

use velvet_rope::ui::Boot;

fn main() {
    console_error_panic_hook::set_once();
    velvet_rope::browser::page::remove("boot");
    leptos::mount::mount_to_body(Boot);
}
