//! Long lists: only the rows in sight are in the document.

use leptos::prelude::*;

use crate::browser::page;

/// Rows above and below those in sight, so that scrolling finds them there.
const MARGIN: usize = 12;
/// Rows that are shown before the first scrolling: as many as a tall screen has.
const FIRST: usize = 60;

/// Which rows of an element that scrolls are in sight. All rows have the same height.
#[derive(Clone, Copy)]
pub(super) struct RowWindow {
    /// The id of the element.
    id: &'static str,
    /// The height of a row in CSS pixels, as the style sheet says.
    height: i32,
    /// The first row in sight, and the number of rows in sight.
    in_sight: RwSignal<(usize, usize)>,
}

impl RowWindow {
    pub(super) fn new(id: &'static str, height: i32) -> Self {
        Self {
            id,
            height,
            in_sight: RwSignal::new((0, FIRST)),
        }
    }

    /// Follows the scrolling of the element.
    pub(super) fn on_scroll(self) {
        if let Some((top, height)) = page::scroll_position(self.id) {
            let rows = |pixels: i32| usize::try_from(pixels / self.height).unwrap_or_default();
            self.in_sight.set((rows(top), rows(height) + 1));
        }
    }

    /// The first row to show, and how many. A view that reads it follows the scrolling.
    pub(super) fn shown(self) -> (usize, usize) {
        let (first, count) = self.in_sight.get();
        (first.saturating_sub(MARGIN), count + 2 * MARGIN)
    }

    /// The height of so many rows, which is also where the row behind them begins.
    pub(super) fn height_of(self, rows: usize) -> String {
        let height = usize::try_from(self.height).unwrap_or_default();
        rows.saturating_mul(height).to_string() + "px"
    }

    /// Brings a row into sight.
    pub(super) fn show(self, row: usize) {
        let Some((top, height)) = page::scroll_position(self.id) else {
            return;
        };
        let row = i32::try_from(row)
            .unwrap_or(i32::MAX)
            .saturating_mul(self.height);
        let end = row.saturating_add(self.height);
        if row < top {
            page::scroll_to(self.id, row);
        } else if end > top.saturating_add(height) {
            page::scroll_to(self.id, end - height);
        }
    }

    /// Goes back to the first row.
    pub(super) fn reset(self) {
        page::scroll_to(self.id, 0);
    }
}
