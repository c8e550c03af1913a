//! The API console: calls any route of the API as the signed-in user.
//!
//! ```text
//! page        the page: list, form and answer; sends the requests
//! list        the operations                    catalog
//! import      the API description               document
//! form        the request of an operation
//! answer      the answers of this tab: body, headers, request, code, history
//! exchange    a request and its result
//! inspect     what a signature covers
//! kept        what the tab keeps while it shows another page
//! row_window styles secret percent size    shared
//! ```

mod answer;
mod catalog;
mod document;
mod exchange;
mod form;
mod import;
mod inspect;
mod kept;
mod list;
mod page;
mod percent;
mod row_window;
mod secret;
mod size;
mod styles;

pub(crate) use page::ConsolePage;
