//! What is sent: which requests are copies, and which are forged. The same arguments give the same plan.

use super::Mutation;

#[derive(Debug)]
pub(super) struct Plan {
    /// How many different requests there are.
    different: usize,
    copies: usize,
    mutated: usize,
    ways: Vec<Mutation>,
}

/// A request, and how often it is sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) number: usize,
    pub(super) copies: usize,
    pub(super) mutation: Option<Mutation>,
}

impl Plan {
    /// Percentages are of all requests, and of the different ones.
    pub(super) fn new(count: u32, duplicates: u8, mutated: u8, ways: &[Mutation]) -> Self {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let copies = count.saturating_mul(duplicates.into()) / 100;
        Self {
            different: count - copies,
            copies,
            mutated: if ways.is_empty() { 0 } else { mutated.into() },
            ways: ways.to_vec(),
        }
    }

    /// The request of this index, until there are no more.
    pub(super) fn unit(&self, index: usize) -> Option<Unit> {
        (index < self.different).then(|| {
            let forged = share(index, self.mutated, 100);
            Unit {
                number: index,
                copies: 1 + share(index, self.copies, self.different),
                mutation: if forged > 0 { self.way(index) } else { None },
            }
        })
    }

    /// The ways take turns among the forged requests.
    fn way(&self, index: usize) -> Option<Mutation> {
        let before = index.saturating_mul(self.mutated) / 100;
        self.ways.get(before.checked_rem(self.ways.len())?).copied()
    }
}

/// How many of `some` things fall to this index, when they are spread evenly over `all`.
fn share(index: usize, some: usize, all: usize) -> usize {
    let up_to = |index: usize| {
        index
            .saturating_mul(some)
            .checked_div(all)
            .unwrap_or_default()
    };
    up_to(index.saturating_add(1)) - up_to(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(plan: &Plan) -> Vec<Unit> {
        (0..).map_while(|index| plan.unit(index)).collect()
    }

    #[test]
    fn counts_add_up() {
        for (count, duplicates, mutated) in [(1, 0, 100), (10, 30, 50), (7, 99, 1), (1000, 25, 33)]
        {
            let ways = [Mutation::FlipBit, Mutation::Stale];
            let units = units(&Plan::new(count, duplicates, mutated, &ways));
            let sent: usize = units.iter().map(|unit| unit.copies).sum();
            assert_eq!(sent, usize::try_from(count).unwrap());
            let forged = units.iter().filter(|unit| unit.mutation.is_some()).count();
            assert_eq!(forged, units.len() * usize::from(mutated) / 100);
        }
    }

    #[test]
    fn ways_take_turns_and_without_any_nothing_is_forged() {
        let ways = [Mutation::FlipBit, Mutation::Stale];
        let forged: Vec<_> = units(&Plan::new(8, 0, 50, &ways))
            .iter()
            .filter_map(|unit| unit.mutation)
            .collect();
        assert_eq!(forged, [ways, ways].concat());
        let plan = Plan::new(8, 0, 100, &[]);
        assert!(units(&plan).iter().all(|unit| unit.mutation.is_none()));
    }
}
