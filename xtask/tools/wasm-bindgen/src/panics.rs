//! The functions that only a panic calls. The release has no panic that a user can cause, and none of its pages needs the
//! texts: in a module that is split they are emptied (`emptied.rs`). A panic then ends the app as it does with the texts
//! (`panic = "abort"`), and the console has the trap without a reason. `trunk serve` and one file have it with the reason.

use rustc_demangle::demangle;

/// What is in place of the code of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instead {
    /// The function is not to be called: a trap.
    Trap,
    /// The number 0, which is what a function of `core::fmt` returns if it succeeds.
    Zero,
}

/// What the paths of functions begin with that never return.
const DIVERGING: [&str; 16] = [
    "alloc::alloc::handle_alloc_error",
    "alloc::raw_vec::capacity_overflow",
    "alloc::raw_vec::handle_error",
    "core::cell::lazy::panic_poisoned",
    "core::cell::panic_already_",
    "core::num::from_ascii_radix_panic",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::panicking::",
    "core::result::unwrap_failed",
    "core::slice::copy_from_slice_impl::len_mismatch_fail",
    "core::slice::index::slice_index_fail",
    "core::str::slice_error_fail",
    "std::panicking::begin_panic",
    "std::panicking::panic_with_hook",
    "std::thread::local::panic_access_error",
];

/// What such a path begins and ends with, if the function is inside of a method of `Vec`.
const DIVERGING_INSIDE: (&str, &str) = ("<alloc::vec::Vec<", "::assert_failed");

/// Types whose `Debug` only `Result::unwrap` uses, in crates that the app is made of.
const UNWRAPPED: [&str; 3] = [
    "async_once_cell::QuickInitGuard",
    "core::array::TryFromSliceError",
    "wasm_bindgen::JsValue",
];

/// What replaces the function of this name, as the compiler writes it. `None` for a function that a page without defects
/// may call.
pub(crate) fn instead(mangled: &str) -> Option<Instead> {
    // The alternative form is without the hash.
    let name = format!("{:#}", demangle(mangled));
    let diverges = DIVERGING.iter().any(|start| name.starts_with(start))
        || (name.starts_with(DIVERGING_INSIDE.0) && name.ends_with(DIVERGING_INSIDE.1));
    if diverges {
        return Some(Instead::Trap);
    }
    let of = name.strip_prefix('<')?;
    let of = of.strip_suffix(" as core::fmt::Debug>::fmt")?;
    UNWRAPPED.contains(&of).then_some(Instead::Zero)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_only_panics_call_are_found_in_both_manglings() {
        for diverging in [
            "_RNvNtCsgXGp5Oqx2Ny_4core9panicking9panic_fmt",
            "_ZN4core9panicking13panic_display17h4165c3e9dea961daE",
            "_RINvNtCsgXGp5Oqx2Ny_4core9panicking13assert_failedbbECsebHcaeoSrxy_3std",
            "_RNvNtCsgXGp5Oqx2Ny_4core3str19slice_error_fail_rt",
            "_RNvNtCsgXGp5Oqx2Ny_4core4cell22panic_already_borrowed",
            "_RNvNvMs_NtCs5cOc02OMXlo_5alloc3vecINtB6_3VecppE6remove13assert_failed",
        ] {
            assert_eq!(instead(diverging), Some(Instead::Trap), "{diverging}");
        }
        for printing in [
            "_ZN58_$LT$wasm_bindgen..JsValue$u20$as$u20$core..fmt..Debug$GT$3fmt17hfa47c97d7e00d7fdE",
            "_RNvXsp_NtCsgXGp5Oqx2Ny_4core5arrayNtB5_17TryFromSliceErrorNtNtB7_3fmt5Debug3fmt",
        ] {
            assert_eq!(instead(printing), Some(Instead::Zero), "{printing}");
        }
    }

    #[test]
    fn what_a_page_may_call_is_kept() {
        for kept in [
            // Says whether a thread panics: a mutex asks when it is unlocked.
            "_RNvNtNtCsebHcaeoSrxy_3std9panicking11panic_count17is_zero_slow_path",
            // Returns an error where the caller can handle one.
            "_RNvMNtCs86o9dxWySvj_9hashbrown3rawNtB2_11Fallibility17capacity_overflow",
            "_RNvNtCsgXGp5Oqx2Ny_4core3fmt5write",
            "_RNvXsZ_NtNtCsgXGp5Oqx2Ny_4core3fmt3numjNtB7_5Debug3fmt",
            "main",
        ] {
            assert_eq!(instead(kept), None, "{kept}");
        }
    }
}
