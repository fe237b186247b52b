//! Which CPUs threads run on.

use std::fs;

/// The CPUs that this process may use, in their order.
pub fn allowed() -> Vec<usize> {
    core_affinity::get_core_ids().unwrap_or_default().into_iter().map(|core| core.id).collect()
}

/// Pins the calling thread, and by inheritance the processes that it starts, to one CPU. False: the system refused.
pub fn pin(cpu: usize) -> bool {
    core_affinity::set_for_current(core_affinity::CoreId { id: cpu })
}

/// `cpus` in an order that fills packages and cores evenly: one hardware thread of each core of each package in turn,
/// second threads last.
pub fn spread(cpus: &[usize]) -> Vec<usize> {
    let number = |cpu: usize, name: &str| -> usize {
        fs::read_to_string(format!("/sys/devices/system/cpu/cpu{cpu}/topology/{name}"))
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0)
    };
    let places = cpus.iter().map(|cpu| (number(*cpu, "physical_package_id"), number(*cpu, "core_id"), *cpu)).collect();
    order(places)
}

/// (package, core, cpu) to the order of [`spread`].
fn order(places: Vec<(usize, usize, usize)>) -> Vec<usize> {
    let mut ranked: Vec<(usize, usize, usize, usize)> = Vec::new();
    for (package, core, cpu) in &places {
        let earlier = places.iter().filter(|(p, c, other)| p == package && other < cpu && c == core).count();
        ranked.push((earlier, 0, *package, *cpu));
    }
    // Within a rank, packages alternate: the n-th core of each package before the (n+1)-th of any.
    let positions: Vec<usize> = ranked
        .iter()
        .map(|(rank, _, package, cpu)| {
            ranked.iter().filter(|(r, _, p, c)| r == rank && p == package && c < cpu).count()
        })
        .collect();
    for (place, position) in ranked.iter_mut().zip(positions) {
        place.1 = position;
    }
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, _, _, cpu)| cpu).collect()
}

/// Sets the niceness of the calling thread, and by inheritance of the processes that it starts. 0 leaves it as it is (as GNU
/// parallel).
pub fn renice(nice: i32) {
    // On Linux a niceness belongs to a thread, and process 0 is the calling one. A lower one needs a privilege; without
    // it the jobs just are not favoured, as with nice(1), which goes on too.
    if nice != 0 {
        rustix::process::setpriority_process(None, nice).ok();
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn spread_alternates_packages_and_leaves_second_threads_for_last() {
        // Two packages of two cores of two threads, numbered as Linux often does.
        let places = vec![(0, 0, 0), (0, 1, 1), (1, 0, 2), (1, 1, 3), (0, 0, 4), (0, 1, 5), (1, 0, 6), (1, 1, 7)];
        assert_eq!(super::order(places), [0, 2, 1, 3, 4, 6, 5, 7]);
    }
}
