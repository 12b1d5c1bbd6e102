//! Work on many items with all processors, in their order.

use std::{num::NonZero, thread};

/// Fewer items than this are not worth a thread.
const FEW: usize = 64;

/// Does `work` on consecutive parts of `items` at the same time; the results come in the order of the items.
pub(crate) fn in_parts<T: Sync, R: Send>(items: &[T], work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = threads.min(items.len().div_ceil(FEW)).max(1);
    if threads == 1 {
        return vec![work(items)];
    }
    let length = items.len().div_ceil(threads);
    let work = &work;
    thread::scope(|scope| {
        let parts: Vec<_> = items
            .chunks(length)
            .map(|part| scope.spawn(move || work(part)))
            .collect();
        parts
            .into_iter()
            .map(|part| match part.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once_and_order_is_kept() {
        for count in [0, 1, FEW, FEW + 1, 10 * FEW + 3] {
            let items: Vec<usize> = (0..count).collect();
            let parts = in_parts(&items, <[usize]>::to_vec);
            assert_eq!(parts.concat(), items);
        }
    }
}
