//! Whose part is whose: parts of given sizes, shared among ranks so that all have about as much.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The rank of each part: from the largest on, each part goes to the rank that has least (Graham's LPT rule: the
/// largest share is at most 4/3 of what is best). Among equals the first decide, so that every rank finds the same.
pub(crate) fn share(sizes: &[u64], ranks: u64) -> Vec<u64> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|part| Reverse(sizes[*part]));
    // No more ranks get anything than there are parts.
    let mut loads: BinaryHeap<_> = (0..ranks.min(sizes.len() as u64)).map(|rank| Reverse((0u64, rank))).collect();
    let mut owners = vec![0; sizes.len()];
    for part in order {
        let Some(Reverse((load, rank))) = loads.pop() else { break };
        owners[part] = rank;
        loads.push(Reverse((load.saturating_add(sizes[part]), rank)));
    }
    owners
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::random;

    #[test]
    fn ranks_have_about_as_much() {
        assert_eq!(share(&[], 3), [0; 0]);
        assert_eq!(share(&[5, 5, 5], 5), [0, 1, 2]);
        assert_eq!(share(&[1, 9, 2, 8], 2), [0, 0, 1, 1]);
        for seed in 0..20 {
            let sizes: Vec<u64> = random(seed, 100, 1000).into_iter().map(|size| size as u64).collect();
            let ranks = 1 + seed % 7;
            let owners = share(&sizes, ranks);
            let load = |rank| -> u64 { (0..100).filter(|part| owners[*part] == rank).map(|part| sizes[part]).sum() };
            let loads: Vec<_> = (0..ranks).map(load).collect();
            assert_eq!(loads.iter().sum::<u64>(), sizes.iter().sum::<u64>());
            let (least, most) = (loads.iter().min().unwrap(), loads.iter().max().unwrap());
            assert!(most - least <= 1000, "{loads:?}");
        }
    }
}
