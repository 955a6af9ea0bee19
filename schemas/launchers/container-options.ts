/** How the options of `docker run` or `podman run` read the words behind them. */
export interface ContainerOptions {
  /** Those that stand alone, long and short. */
  readonly switches: ReadonlySet<string>;
  /** Those with a value, long and short. */
  readonly values: ReadonlySet<string>;
}

const SWITCHES =
  "-d --detach -i --interactive -t --tty -P --publish-all -q --quiet --init --no-healthcheck --oom-kill-disable --privileged --read-only --rm --sig-proxy";

const VALUES = [
  "-a --attach -c --cpu-shares -e --env -h --hostname -l --label -m --memory -p --publish -u --user -v --volume -w --workdir",
  "--add-host --annotation --blkio-weight --blkio-weight-device --cap-add --cap-drop --cgroup-parent --cgroupns --cidfile",
  "--cpu-period --cpu-quota --cpu-rt-period --cpu-rt-runtime --cpus --cpuset-cpus --cpuset-mems --detach-keys --device",
  "--device-cgroup-rule --device-read-bps --device-read-iops --device-write-bps --device-write-iops --dns --dns-option --dns-search",
  "--entrypoint --env-file --expose --gpus --group-add --health-cmd --health-interval --health-retries --health-start-period",
  "--health-timeout --ip --ip6 --ipc --label-file --log-driver --log-opt --mac-address --memory-reservation --memory-swap",
  "--memory-swappiness --mount --name --net --network --network-alias --oom-score-adj --pid --pids-limit --platform --pull --restart",
  "--runtime --security-opt --shm-size --stop-signal --stop-timeout --storage-opt --sysctl --tmpfs --ulimit --userns --uts",
  "--volumes-from",
];

const DOCKER_SWITCHES = "--disable-content-trust --use-api-socket";
const DOCKER_VALUES =
  "--cpu-count --cpu-percent --dns-opt --domainname --health-start-interval --io-maxbandwidth --io-maxiops --isolation --kernel-memory --link --link-local-ip --net-alias --volume-driver";

/** The options of each engine that are followed. */
export const CONTAINER_OPTIONS: Readonly<Record<"docker" | "podman", ContainerOptions>> = {
  docker: options([SWITCHES, DOCKER_SWITCHES], [...VALUES, DOCKER_VALUES]),
  podman: options([SWITCHES], VALUES),
};

function options(switches: readonly string[], values: readonly string[]): ContainerOptions {
  return { switches: wordsOf(switches), values: wordsOf(values) };
}

function wordsOf(lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(" ")));
}
