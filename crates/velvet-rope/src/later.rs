//! Parts of the app that the first view does not need. With the feature `split` and a build by `cargo xtask dist`, each
//! part is a file of its own, which the app fetches when it first calls a function of that part. Without the feature the
//! functions are called directly, and the app is one file.

use thiserror::Error;

#[cfg(feature = "split")]
#[doc(hidden)]
pub use wasm_split_helpers as split;

/// A part of the app could not be fetched: the browser is offline, the host is blocked, or a newer release has replaced
/// it. The next call tries again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a part of the app could not be loaded")]
pub struct PartUnavailable;

#[cfg(feature = "split")]
impl From<split::SplitLoaderError> for PartUnavailable {
    fn from(_: split::SplitLoaderError) -> Self {
        Self
    }
}

/// The outcome of a part that is in the app itself. Not an `async fn`, which would be a second state machine around the first.
#[cfg(not(feature = "split"))]
#[doc(hidden)]
pub fn at_hand<T, F: Future<Output = T>>(
    part: F,
) -> impl Future<Output = Result<T, PartUnavailable>> {
    futures::FutureExt::map(part, Ok)
}

/// Declares the functions of one part of the app. Each gets the error [`PartUnavailable`] in front of its own result.
///
/// The crate that uses it needs a feature `split`, which enables that of `velvet-rope`.
#[macro_export]
macro_rules! later {
    ($part:ident: $(
        $(#[$meta:meta])*
        $vis:vis async fn $name:ident($($arg:ident: $type:ty),* $(,)?) -> $out:ty $body:block
    )*) => {$(
        #[cfg(feature = "split")]
        #[$crate::later::split::wasm_split(
            $part,
            fallible,
            wasm_split_path = $crate::later::split,
            return_wrapper(let future = _; { Ok(future.await) } -> Result<$out, $crate::later::PartUnavailable>)
        )]
        $(#[$meta])*
        $vis fn $name($($arg: $type),*) -> std::pin::Pin<Box<dyn Future<Output = $out>>> {
            Box::pin(async move $body)
        }

        #[cfg(not(feature = "split"))]
        $(#[$meta])*
        $vis fn $name($($arg: $type),*) -> impl Future<Output = Result<$out, $crate::later::PartUnavailable>> {
            $crate::later::at_hand::<$out, _>(async move $body)
        }
    )*};
}
