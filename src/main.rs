//! Mounts the app.

/// Two kilobytes smaller than the allocator of the standard library.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

fn main() {
    // The release has no text for panics: it would be a part of the first load that a page without defects never needs.
    #[cfg(not(feature = "split"))]
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(velvet_rope_app::Boot);
}
