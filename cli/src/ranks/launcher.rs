//! Which of a job's processes this one is: by its options, else by what the launcher that started it says.

use anyhow::{Context, Result, bail, ensure};

use crate::args::distributed::{MOST_RANKS, RankArguments};

/// Which process this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rank {
    pub(crate) rank: u64,
    pub(crate) world_size: u64,
    /// Which of the processes of its machine.
    pub(crate) local_rank: Option<u64>,
    /// What says so, in words.
    by: String,
}

/// The variables by which a launcher tells a process who it is.
struct Launcher {
    name: &'static str,
    rank: &'static str,
    /// The first that is there counts.
    world_size: &'static [&'static str],
    local_rank: &'static str,
    /// What must be there as well: without it, the others are of the batch script and not of a process of its own.
    started: Option<&'static [&'static str]>,
}

/// In the order in which they are asked.
const LAUNCHERS: [Launcher; 5] = [
    Launcher {
        name: "Open MPI",
        rank: "OMPI_COMM_WORLD_RANK",
        world_size: &["OMPI_COMM_WORLD_SIZE"],
        local_rank: "OMPI_COMM_WORLD_LOCAL_RANK",
        started: None,
    },
    // PMIx itself has no variable for the number of processes; whoever starts them by it sets one.
    Launcher {
        name: "PMIx",
        rank: "PMIX_RANK",
        world_size: &["PMIX_SIZE", "OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"],
        local_rank: "PMIX_LOCAL_RANK",
        started: None,
    },
    Launcher {
        name: "MPICH",
        rank: "PMI_RANK",
        world_size: &["PMI_SIZE"],
        local_rank: "MPI_LOCALRANKID",
        started: None,
    },
    Launcher {
        name: "Slurm",
        rank: "SLURM_PROCID",
        world_size: &["SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"],
        local_rank: "SLURM_LOCALID",
        started: Some(&["SLURM_STEP_ID", "SLURM_STEPID"]),
    },
    Launcher { name: "torchrun", rank: "RANK", world_size: &["WORLD_SIZE"], local_rank: "LOCAL_RANK", started: None },
];

impl Rank {
    /// The only process.
    pub(crate) fn alone() -> Self {
        Self { rank: 0, world_size: 1, local_rank: None, by: String::new() }
    }

    /// By the options, else by the environment.
    pub(crate) fn find(arguments: &RankArguments) -> Result<Self> {
        Self::of(arguments, |name| std::env::var(name).ok())
    }

    fn of(arguments: &RankArguments, variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let found = LAUNCHERS.iter().map(|launcher| launcher.ask(&variable)).collect::<Result<Vec<_>>>();
        let rank = match (arguments.rank, arguments.world_size) {
            (Some(rank), Some(world_size)) => {
                // Whoever says who this is overrides what is around, and still gets an adapter of its own.
                let found = found.into_iter().flatten().flatten();
                let local_rank = found.filter(|found| found.rank == rank).find_map(|found| found.local_rank);
                Self { rank, world_size, local_rank, by: "--rank and --world-size".to_owned() }
            }
            _ => {
                let mut found = found?.into_iter().flatten();
                let Some(mut first) = found.next() else { return Ok(Self::alone()) };
                for other in found {
                    ensure!(
                        (first.rank, first.world_size) == (other.rank, other.world_size),
                        "{} says that this is rank {} of {}, and {} that it is rank {} of {}; give --rank and \
                         --world-size",
                        first.by,
                        first.rank,
                        first.world_size,
                        other.by,
                        other.rank,
                        other.world_size
                    );
                    first.local_rank = first.local_rank.or(other.local_rank);
                }
                first
            }
        };
        ensure!(
            rank.world_size <= MOST_RANKS,
            "{}: there are {} processes; there may be {MOST_RANKS}",
            rank.by,
            rank.world_size
        );
        ensure!(
            rank.rank < rank.world_size,
            "{}: there is no rank {} of {}; ranks are 0 to {}",
            rank.by,
            rank.rank,
            rank.world_size,
            rank.world_size - 1
        );
        Ok(rank)
    }

    /// Whether this process tells what is the same for all.
    pub(crate) fn is_first(&self) -> bool {
        self.rank == 0
    }

    /// What was found, for rank 0 to print; nothing where nobody says anything.
    pub(crate) fn words(&self) -> Option<String> {
        let Self { rank, world_size, by, .. } = self;
        let processes = if *world_size == 1 { "process" } else { "processes" };
        (!by.is_empty()).then(|| format!("rank {rank} of {world_size} {processes}, by {by}"))
    }
}

impl Launcher {
    /// What this launcher says, if it started this process.
    fn ask(&self, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Rank>> {
        if self.started.is_some_and(|names| names.iter().all(|name| variable(name).is_none())) {
            return Ok(None);
        }
        let number = |name: &str| {
            let parse = |text: String| {
                text.parse::<u64>().ok().with_context(|| {
                    format!("{name} is '{text}', expected a whole number; give --rank and --world-size")
                })
            };
            variable(name).map(parse).transpose()
        };
        let size = self.world_size.iter().find_map(|name| Some((*name, number(name).transpose()?)));
        let rank = number(self.rank)?;
        let (rank, name, size) = match (rank, size) {
            (None, _) if self.name == "PMIx" => return Ok(None),
            (None, None) => return Ok(None),
            (Some(rank), Some((name, size))) => (rank, name, size?),
            (Some(rank), None) => bail!(
                "{} is {rank}, and nothing says how many processes there are ({}); give --rank and --world-size",
                self.rank,
                self.world_size.join(", ")
            ),
            (None, Some((name, size))) => bail!(
                "{name} is {}, and nothing says which of the processes this is ({}); give --rank and --world-size",
                size?,
                self.rank
            ),
        };
        ensure!(size > 0, "{name} is 0, and there is at least one process; give --rank and --world-size");
        let by = format!("{} ({}, {name})", self.name, self.rank);
        Ok(Some(Rank { rank, world_size: size, local_rank: number(self.local_rank)?, by }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: RankArguments = RankArguments { rank: None, world_size: None };

    fn of(arguments: &RankArguments, variables: &str) -> Result<(u64, u64, Option<u64>), String> {
        let variable = |name: &str| {
            let pair = variables.split(' ').find_map(|pair| pair.split_once('=').filter(|(known, _)| *known == name));
            pair.map(|(_, value)| value.to_owned())
        };
        let found = Rank::of(arguments, variable).map_err(|error| error.to_string())?;
        Ok((found.rank, found.world_size, found.local_rank))
    }

    #[test]
    fn launchers_are_asked_in_order() {
        let ompi = "OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=8 OMPI_COMM_WORLD_LOCAL_RANK=1";
        let slurm = "SLURM_STEP_ID=0 SLURM_PROCID=3 SLURM_NTASKS=8 SLURM_LOCALID=2";
        for (variables, expected) in [
            ("", (0, 1, None)),
            (ompi, (3, 8, Some(1))),
            (&format!("{ompi} PMIX_RANK=3"), (3, 8, Some(1))),
            ("PMIX_RANK=3 SLURM_STEP_ID=0 SLURM_PROCID=3 SLURM_NTASKS=8 SLURM_LOCALID=2", (3, 8, Some(2))),
            ("PMI_RANK=1 PMI_SIZE=2", (1, 2, None)),
            (slurm, (3, 8, Some(2))),
            (&format!("{slurm} {ompi}"), (3, 8, Some(1))),
            ("RANK=6 WORLD_SIZE=7 LOCAL_RANK=0", (6, 7, Some(0))),
            // A batch script is no process of a step.
            ("SLURM_PROCID=0 SLURM_NTASKS=8 SLURM_LOCALID=0", (0, 1, None)),
            // The step may have fewer than the job.
            ("SLURM_STEPID=2 SLURM_PROCID=1 SLURM_NTASKS=8 SLURM_STEP_NUM_TASKS=2", (1, 2, None)),
        ] {
            assert_eq!(of(&NOTHING, variables), Ok(expected), "{variables}");
        }
        let given = RankArguments { rank: Some(1), world_size: Some(2) };
        assert_eq!(of(&given, ompi), Ok((1, 2, None)));
        assert_eq!(of(&given, "RANK=x"), Ok((1, 2, None)));
        assert_eq!(of(&given, "RANK=1 WORLD_SIZE=2 LOCAL_RANK=1"), Ok((1, 2, Some(1))));
    }

    #[test]
    fn contradictions_are_refused() {
        let given = |rank, world_size| RankArguments { rank: Some(rank), world_size: Some(world_size) };
        let end = "give --rank and --world-size";
        for (arguments, variables, expected) in [
            (given(8, 8), "", "--rank and --world-size: there is no rank 8 of 8; ranks are 0 to 7".to_owned()),
            (
                NOTHING,
                "RANK=2 WORLD_SIZE=2",
                "torchrun (RANK, WORLD_SIZE): there is no rank 2 of 2; ranks are 0 to 1".to_owned(),
            ),
            (
                NOTHING,
                "OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=8 RANK=0 WORLD_SIZE=4",
                format!(
                    "Open MPI (OMPI_COMM_WORLD_RANK, OMPI_COMM_WORLD_SIZE) says that this is rank 3 of 8, and torchrun \
                     (RANK, WORLD_SIZE) that it is rank 0 of 4; {end}"
                ),
            ),
            (
                NOTHING,
                "RANK=2",
                format!("RANK is 2, and nothing says how many processes there are (WORLD_SIZE); {end}"),
            ),
            (
                NOTHING,
                "WORLD_SIZE=2",
                format!("WORLD_SIZE is 2, and nothing says which of the processes this is (RANK); {end}"),
            ),
            (NOTHING, "RANK=a WORLD_SIZE=2", format!("RANK is 'a', expected a whole number; {end}")),
            (NOTHING, "RANK=0 WORLD_SIZE=0", format!("WORLD_SIZE is 0, and there is at least one process; {end}")),
        ] {
            assert_eq!(of(&arguments, variables), Err(expected), "{variables}");
        }
    }
}
