//! How many CPUs this process may really use: its affinity mask and the CPU quota of its control groups.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::files::read_kernel_file;

/// The number of CPUs for a default, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cpus {
    /// At least 1.
    pub count: usize,
    /// What decided, in a few words.
    pub reason: String,
}

/// The CPUs that this process may really use: the smaller of its affinity mask and the rounded-up quota of its control
/// groups and all their ancestors, at least 1.
pub fn usable() -> Cpus {
    // Not available_parallelism: it looks at quotas itself, but only of some set-ups.
    decide(in_mask(), quota(Path::new("/")))
}

/// The CPUs in the affinity mask, at least 1.
pub fn in_mask() -> usize {
    affinity_count().unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// What the machine has, but no more of each than there are CPUs in the affinity mask (as GNU parallel).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topology {
    /// Hardware threads that are on.
    pub threads: usize,
    /// Cores.
    pub cores: usize,
    /// Sockets with a core in them.
    pub sockets: usize,
}

/// Counts the CPUs. Each number is at least 1; where the machine does not tell cores and sockets apart, each
/// thread is a core, and there is one socket.
pub fn topology() -> Topology {
    let mask = in_mask();
    let of_machine = topology_in(Path::new("/")).unwrap_or(Topology { threads: mask, cores: mask, sockets: 1 });
    let Topology { threads, cores, sockets } = of_machine;
    Topology { threads: threads.min(mask), cores: cores.min(mask), sockets: sockets.min(mask) }
}

fn topology_in(root: &Path) -> Option<Topology> {
    let (mut threads, mut cores, mut sockets) = (0, BTreeSet::new(), BTreeSet::new());
    for entry in std::fs::read_dir(root.join("sys/devices/system/cpu")).ok()?.flatten() {
        // One that is off has no topology.
        let folder = entry.path().join("topology");
        if let (Some(core), Some(socket)) =
            (text(folder.join("thread_siblings")), text(folder.join("physical_package_id")))
        {
            threads += 1;
            cores.insert(core);
            sockets.insert(socket);
        }
    }
    (threads > 0).then_some(Topology { threads, cores: cores.len(), sockets: sockets.len() })
}

fn affinity_count() -> Option<usize> {
    let set = rustix::thread::sched_getaffinity(None).ok()?;
    Some(usize::try_from(set.count()).unwrap_or(1)).filter(|count| *count > 0)
}

fn decide(mask: usize, quota: Option<f64>) -> Cpus {
    match quota {
        // The float is small and positive: a quota of more CPUs than fit in a usize is no limit anyway.
        Some(quota) if (quota.ceil() as usize) < mask => {
            let count = (quota.ceil() as usize).max(1);
            Cpus { count, reason: format!("cgroup quota of {quota:.1} CPUs") }
        }
        _ => Cpus { count: mask.max(1), reason: format!("{mask} CPUs in the affinity mask") },
    }
}

/// The smallest CPU quota, in CPUs, over all control groups of this process and their ancestors; `None` is no limit.
///
/// `root` is `/`, or a tree that looks like it: `proc/self/cgroup`, `proc/self/mountinfo` and the mounted hierarchies.
pub fn quota(root: &Path) -> Option<f64> {
    let memberships = text(root.join("proc/self/cgroup"))?;
    let mounts = text(root.join("proc/self/mountinfo"))?;
    let mut smallest: Option<f64> = None;
    for line in memberships.lines() {
        // hierarchy-ID:controllers:path
        let mut fields = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (fields.next(), fields.next(), fields.next()) else { continue };
        let v2 = controllers.is_empty();
        if !v2 && !controllers.split(',').any(|name| name == "cpu") {
            continue;
        }
        for (mounted, at) in mounts.lines().filter_map(|line| mount(line, v2)) {
            // A container may see its own group mounted as the top: the path below the mounted one is what counts.
            let Ok(below) = Path::new(path).strip_prefix(&mounted) else { continue };
            let top = root.join(at.strip_prefix("/").unwrap_or(&at));
            let mut group = top.join(below);
            loop {
                let limit = if v2 { limit_v2(&group) } else { limit_v1(&group) };
                if let Some(limit) = limit {
                    smallest = Some(smallest.map_or(limit, |least: f64| least.min(limit)));
                }
                if group == top || !group.pop() {
                    break;
                }
            }
        }
    }
    smallest
}

/// (root within the hierarchy, mount point) of a mountinfo line that is a hierarchy for CPU limits.
pub(super) fn mount(line: &str, v2: bool) -> Option<(PathBuf, PathBuf)> {
    let (head, tail) = line.split_once(" - ")?;
    let mut tail = tail.split(' ');
    let (kind, _, options) = (tail.next()?, tail.next()?, tail.next()?);
    let wanted = if v2 { kind == "cgroup2" } else { kind == "cgroup" && options.split(',').any(|name| name == "cpu") };
    let mut head = head.split(' ').skip(3);
    let (mounted, at) = (head.next()?, head.next()?);
    wanted.then(|| (PathBuf::from(unescape(mounted)), PathBuf::from(unescape(at))))
}

/// mountinfo writes blanks as `\040`, and so on.
fn unescape(field: &str) -> String {
    field.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
}

fn limit_v2(group: &Path) -> Option<f64> {
    let text = text(group.join("cpu.max"))?;
    let (quota, period) = text.trim().split_once(' ')?;
    ratio(quota, period)
}

fn limit_v1(group: &Path) -> Option<f64> {
    let quota = text(group.join("cpu.cfs_quota_us"))?;
    let period = text(group.join("cpu.cfs_period_us"))?;
    ratio(quota.trim(), period.trim())
}

fn text(path: PathBuf) -> Option<String> {
    String::from_utf8(read_kernel_file(&path).ok()?).ok()
}

/// `max` and -1 are no limit.
fn ratio(quota: &str, period: &str) -> Option<f64> {
    let (quota, period): (f64, f64) = (quota.parse().ok()?, period.parse().ok()?);
    (quota > 0.0 && period > 0.0).then(|| quota / period)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A tree that looks like `/`, from (path, text) pairs.
    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, text).expect("a file");
        }
        dir
    }

    const V2: (&str, &str) = ("proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    const V1: (&str, &str) = (
        "proc/self/mountinfo",
        "31 1 0:27 / /sys/fs/cgroup/cpu,cpuacct rw shared:1 - cgroup cgroup rw,cpu,cpuacct\n\
         32 1 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
    );

    #[test]
    fn v2_takes_the_smallest_of_all_ancestors() {
        let root = tree(&[
            V2,
            ("proc/self/cgroup", "0::/a/b\n"),
            ("sys/fs/cgroup/a/cpu.max", "150000 100000\n"),
            ("sys/fs/cgroup/a/b/cpu.max", "max 100000\n"),
        ]);
        assert_eq!(quota(root.path()), Some(1.5));
    }

    #[test]
    fn max_and_minus_one_are_no_limit() {
        let v2 = tree(&[V2, ("proc/self/cgroup", "0::/\n"), ("sys/fs/cgroup/cpu.max", "max 100000\n")]);
        assert_eq!(quota(v2.path()), None);
        let v1 = tree(&[
            V1,
            ("proc/self/cgroup", "4:cpu,cpuacct:/\n"),
            ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n"),
            ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"),
        ]);
        assert_eq!(quota(v1.path()), None);
    }

    #[test]
    fn v1_reads_the_cpu_hierarchy_only() {
        let root = tree(&[
            V1,
            ("proc/self/cgroup", "5:memory:/m\n4:cpu,cpuacct:/x/y\n0::/z\n"),
            ("sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us", "300000\n"),
            ("sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us", "100000\n"),
            ("sys/fs/cgroup/cpu,cpuacct/x/y/cpu.cfs_quota_us", "50000\n"),
            ("sys/fs/cgroup/cpu,cpuacct/x/y/cpu.cfs_period_us", "100000\n"),
            ("sys/fs/cgroup/memory/m/cpu.cfs_quota_us", "1\n"),
        ]);
        assert_eq!(quota(root.path()), Some(0.5));
        assert_eq!(decide(8, Some(0.5)), Cpus { count: 1, reason: "cgroup quota of 0.5 CPUs".to_owned() });
    }

    #[test]
    fn a_container_that_sees_its_own_group_as_the_top() {
        let root = tree(&[
            ("proc/self/mountinfo", "30 1 0:26 /docker/ab /sys/fs/cgroup ro - cgroup2 cgroup rw\n"),
            ("proc/self/cgroup", "0::/docker/ab/inner\n"),
            ("sys/fs/cgroup/cpu.max", "200000 100000\n"),
        ]);
        assert_eq!(quota(root.path()), Some(2.0));
        assert_eq!(decide(2, Some(2.0)).count, 2);
        assert_eq!(decide(64, Some(2.0)).count, 2);
        assert_eq!(decide(64, Some(1.5)).count, 2);
        assert_eq!(decide(1, None).count, 1);
    }

    #[test]
    fn threads_of_a_core_share_their_siblings() {
        let cpu = |number: usize, siblings: &'static str, socket: &'static str| {
            let file = |name: &str| format!("sys/devices/system/cpu/cpu{number}/topology/{name}");
            [(file("thread_siblings"), siblings), (file("physical_package_id"), socket)]
        };
        let files: Vec<(String, &str)> = [
            cpu(0, "5\n", "0\n"),
            cpu(1, "a\n", "0\n"),
            cpu(2, "5\n", "0\n"),
            cpu(3, "a\n", "0\n"),
            cpu(4, "10\n", "1\n"),
        ]
        .concat();
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let found = topology_in(tree(&files).path());
        assert_eq!(found, Some(Topology { threads: 5, cores: 3, sockets: 2 }));
        assert_eq!(topology_in(Path::new("/nowhere")), None);
    }
}
