#!/usr/bin/env bash
# Builds the image with Podman, looks at what is in it, and runs it as docs/deploying.md says: a gateway over a sandbox, both
# from the image. All of it happens in a storage of its own, which is deleted in the end. Where the base image cannot be
# pulled, the Node and npm of this machine stand in for it. If there is no Podman, or it can run no container here, this says
# `skipped: …` and ends with 0. Whatever else fails ends with another code.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
image=localhost/qbraid-graphql-gateway
stand_in=localhost/stand-in
base=
podman=()
build_pid=
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf -- '-- %s\n' "$*"; }

skip() {
  printf 'skipped: %s\n' "$*"
  exit 0
}

fail() {
  printf 'failed: %s\n' "$*"
  exit 1
}

cleanup() {
  local code=$?
  ((code == 0)) || show_logs
  [[ -z $build_pid ]] || end_build
  ((${#podman[@]} == 0)) || remove_containers
  if [[ -n $(mounts) ]]; then
    printf 'still mounted, so that it is not deleted: %s\n' "$scratch"
  else
    rm -rf "$scratch" 2>/dev/null || "${podman[@]}" unshare rm -rf "$scratch"
  fi
}

# `timeout` hands the signal on to what it runs.
end_build() {
  kill -TERM "$build_pid" && wait "$build_pid" || true
  build_pid=
}

# What is mounted is not to be deleted with the rest: it may be a folder of the user.
remove_containers() {
  local place
  "${podman[@]}" rm --force --all --time 0 >"$scratch/rm.log" 2>&1 || true
  while read -r place; do umount "$place" || true; done < <(mounts | sort -r)
}

mounts() { [[ ! -e /proc/mounts ]] || cut -d ' ' -f 2 /proc/mounts | grep -F "$scratch/" || true; }

show_logs() {
  local name
  for name in sandbox gateway; do
    if [[ -s $scratch/$name.log ]]; then
      say "the log of the $name"
      cat "$scratch/$name.log"
    fi
  done
}

# within SECONDS COMMAND...: tries COMMAND until it succeeds.
within() {
  local end=$((SECONDS + $1))
  until "${@:2}"; do
    ((SECONDS < end)) || return 1
    sleep 0.2
  done
}

# use_runtime NAME: neither settings of the machine nor what runs on it already play a part.
use_runtime() {
  printf '[engine]\nlock_type = "file"\nevents_logger = "none"\n' >"$scratch/containers.conf"
  podman=(
    env "CONTAINERS_CONF=$scratch/containers.conf" DISABLE_HC_SYSTEMD=true
    podman --root "$scratch/storage" --runroot "$scratch/run" --tmpdir "$scratch/tmp" --cgroup-manager cgroupfs --runtime "$1"
  )
}

choose_base() {
  local name
  name=docker.io/library/$(sed -n 's/^FROM \(\S*\) AS base$/\1/p' Dockerfile)
  if timeout 60 "${podman[@]}" pull --quiet "$name" >"$scratch/pull.log" 2>&1; then
    base=$name
    say "the base is $name"
  else
    tail -n 1 "$scratch/pull.log"
    say "$name cannot be pulled: the base is made of Node $(node --version) and npm of this machine"
    make_stand_in "$scratch/stand-in"
    tar -C "$scratch/stand-in" -c . | "${podman[@]}" import --change 'CMD ["node"]' - "$stand_in" >"$scratch/import.log" 2>&1 ||
      skip "no base image can be made here: $(tail -n 1 "$scratch/import.log")"
    base=$stand_in
  fi
}

# make_stand_in FOLDER: what the Dockerfile uses of its base, at the same places.
make_stand_in() {
  local root=$1 node npm library program
  local programs=(cat chmod cp env find ln ls mkdir mv rm sed sh)
  node=$(node -p process.execPath)
  npm=$(readlink -f "${npm_execpath:-$(command -v npm)}")
  mkdir -p "$root"/{bin,etc,root,tmp,usr/bin,usr/local/bin,usr/local/lib/node_modules}
  chmod 1777 "$root/tmp"
  printf '%s\n' root:x:0:0::/root:/bin/sh node:x:1000:1000::/:/bin/sh >"$root/etc/passwd"
  printf '%s\n' root:x:0: node:x:1000: >"$root/etc/group"
  cp "$node" "$root/usr/local/bin/node"
  cp -R "${npm%/bin/*}" "$root/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  ln -s ../../bin/env "$root/usr/bin/env"
  for program in "${programs[@]}"; do cp -L "$(type -P "$program")" "$root/bin/$program"; done
  for library in $(list_libraries "$node" "$root"/bin/*); do
    mkdir -p "$root${library%/*}"
    cp -L "$library" "$root$library"
  done
}

# Packages with machine code, and whoever asks for an address, need more of the C library than the programs themselves.
list_libraries() {
  local file
  for file in "$@"; do ldd "$file" 2>"$scratch/ldd.log" | grep -o '/[^ ]*' || true; done >"$scratch/libraries"
  for file in $(grep '/libc\.so' "$scratch/libraries" | sort -u); do
    ls "${file%/*}"/lib{dl,m,nss_dns,nss_files,pthread,resolv,rt,util}.so.* 2>"$scratch/ls.log" || true
  done >>"$scratch/libraries"
  sort -u "$scratch/libraries"
}

# limit OPTION: of `ulimit`, and what Podman would set is more than some machines allow.
limit() {
  local value most=32768
  value=$(ulimit -H "$1")
  if [[ $value == unlimited ]] || ((value > most)); then value=$most; fi
  echo "$value:$value"
}

# run OPTIONS IMAGE COMMAND...
run() {
  "${podman[@]}" run --network host --read-only --read-only-tmpfs=false --cap-drop ALL --security-opt no-new-privileges \
    --ulimit "nofile=$(limit -n)" --ulimit "nproc=$(limit -u)" "$@"
}

# What a runtime asks of the machine differs: some refuse a mixture of old and new control groups.
find_runtime() {
  local name
  for name in runc crun; do
    if command -v "$name" >"$scratch/which.log"; then
      use_runtime "$name"
      [[ -n $base ]] || choose_base
      if run --rm "$base" npm --version >"$scratch/probe.log" 2>&1; then return; fi
      tail -n 1 "$scratch/probe.log"
    fi
  done
  skip 'Podman can run no container here'
}

# The build reaches the registry as npm does here: with its settings, certificates and cache, which no image keeps.
npm_volumes() {
  local user cache certificates settings=$scratch/npmrc
  user=$(npm config get userconfig) cache=$(npm config get cache) certificates=$(npm config get cafile)
  npm config get registry proxy https-proxy noproxy | grep -vE '=(null|undefined)?$' >"$settings" || true
  if [[ ! -f $certificates && -f ${NODE_EXTRA_CA_CERTS:-} ]]; then
    certificates=$scratch/certificates.pem
    node -p 'tls.rootCertificates.join("\n")' | cat - "$NODE_EXTRA_CA_CERTS" >"$certificates"
  fi
  if [[ -f $certificates ]]; then
    echo "cafile=$certificates" >>"$settings"
    echo "--volume=$certificates:$certificates:ro"
  fi
  [[ ! -f $user ]] || echo "--volume=$user:/root/.npmrc:ro"
  mkdir -p "$cache" && echo "--volume=$cache:/root/.npm"
  echo "--volume=$settings:/usr/local/etc/npmrc:ro"
}

build() {
  local volumes begin=$SECONDS code=0
  mapfile -t volumes < <(npm_volumes)
  timeout 300 "${podman[@]}" build --isolation chroot --network host --pull=never --layers=false --format docker \
    --from "$base" "${volumes[@]}" --tag "$image" . >"$scratch/build.log" 2>&1 &
  build_pid=$!
  wait "$build_pid" || code=$?
  build_pid=
  if ((code == 0)); then
    say "the image is built, in $((SECONDS - begin)) s"
  else
    cat "$scratch/build.log"
    return "$code"
  fi
}

has_its_settings() {
  "${podman[@]}" image inspect "$image" >"$scratch/image.json"
  node -e '
    const { deepEqual, match } = require("node:assert/strict");
    const [{ Config, Healthcheck }] = JSON.parse(fs.readFileSync(process.argv[1], "utf8"));
    const { name: title, description, version, license: licenses } = JSON.parse(fs.readFileSync("package.json", "utf8"));
    for (const [label, value] of Object.entries({ title, description, version, licenses }))
      deepEqual(Config.Labels[`org.opencontainers.image.${label}`], value);
    match(Config.User, /^[1-9]\d*:[1-9]\d*$/);
    deepEqual(Config.StopSignal, "SIGTERM");
    deepEqual(Object.keys(Config.ExposedPorts), ["4000/tcp"]);
    deepEqual(Config.Cmd, ["node", "dist/main.js"]);
    deepEqual(Config.Env.includes("NODE_ENV=production"), true);
    deepEqual(Healthcheck.Test.slice(0, 2), ["CMD", "node"]);
  ' "$scratch/image.json"
}

# Package managers and packages anywhere in the image, and what the program does not need.
holds_nothing_else() {
  run --rm --user 0:0 "$image" node -e '
    const { deepEqual } = require("node:assert/strict");
    const outside = ["/proc", "/sys", "/dev"];
    const list = (folder) => fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const place = path.join(folder, entry.name);
      return entry.isDirectory() && !outside.includes(place) ? [place, ...list(place)] : [place];
    });
    const places = list("/");
    deepEqual(places.filter((place) => /\/(npm|npx|corepack|pnpm|yarn|yarnpkg)$/.test(place)), []);
    const packages = places.filter((place) => /\/node_modules\/(@[^/]*\/)?[^/@.][^/]*$/.test(place));
    deepEqual(packages, ["/app/node_modules/graphql-sse"]);
    deepEqual(places.filter((place) => /^\/app\/(src|test|scripts|dist\/.*\.map)$/.test(place)), []);
  '
}

free_ports() {
  node -e '
    const servers = [0, 1].map(() => net.createServer().listen(0, "127.0.0.1"));
    setTimeout(() => servers.forEach((server) => { console.log(server.address().port); server.close(); }), 50);
  '
}

# start NAME OPTIONS IMAGE COMMAND...
start() {
  run --detach --name "$1" --log-driver k8s-file --log-opt "path=$scratch/$1.log" --env HOST=127.0.0.1 "${@:2}" >"$scratch/id"
}

is_healthy() { "${podman[@]}" healthcheck run "$1" >"$scratch/health.log" 2>&1; }

has_ended() { [[ $("${podman[@]}" inspect --format '{{.State.Running}}' "$1") == false ]]; }

is_healthy_or_ended() { is_healthy "$1" || has_ended "$1"; }

# answers URL: with a status of success.
answers() { node -e 'fetch(process.argv[1]).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))' "$1"; }

answers_a_query() {
  node -e '
    const { deepEqual } = require("node:assert/strict");
    const [url, key] = process.argv.slice(1);
    const body = JSON.stringify({ query: "{ jobs(first: 2) { totalCount nodes { qrn status } } }" });
    const headers = { "content-type": "application/json", "x-api-key": key };
    fetch(url, { method: "POST", headers, body }).then((response) => response.json()).then((answer) => {
      console.log(JSON.stringify(answer));
      deepEqual([answer.errors, answer.data?.jobs.nodes.length], [undefined, 2]);
    });
  ' "$1" "$2"
}

# Its process is the first one, so that signals reach it, and has the user of the image.
runs_as_user() {
  "${podman[@]}" exec gateway node -e '
    const [, uid] = /^Uid:\s*(\d+)/m.exec(fs.readFileSync("/proc/1/status", "utf8"));
    const [program] = fs.readFileSync("/proc/1/cmdline", "utf8").split("\0");
    console.log(`process 1 is ${program}, and its user is ${uid}`);
    process.exit(program === "node" && uid !== "0" ? 0 : 1);
  '
}

# stops NAME: on the signal of the image, before it is killed.
stops() {
  local begin=$SECONDS code
  "${podman[@]}" stop --time 20 "$1" >"$scratch/stop.log"
  code=$("${podman[@]}" inspect --format '{{.State.ExitCode}}' "$1")
  say "the $1 has ended in $((SECONDS - begin)) s with exit code $code"
  ((code == 0))
}

runs() {
  local port sandbox_port
  { read -r port && read -r sandbox_port; } < <(free_ports)
  start sandbox --env SANDBOX_PORT="$sandbox_port" "$image" node dist/main.js sandbox || fail 'the sandbox does not start'
  start gateway --env PORT="$port" --env QBRAID_API_URL="http://127.0.0.1:$sandbox_port/api/v1" "$image" ||
    fail 'the gateway does not start'
  within 60 is_healthy_or_ended gateway || say 'it has not become healthy in 60 s'
  is_healthy gateway || fail "the health check does not pass: $(cat "$scratch/health.log")"
  answers "http://127.0.0.1:$port/ready" || fail 'it is not ready'
  runs_as_user || fail 'its process is not the first one, or is that of root'
  within 60 grep -q qbr_demo_alice_ "$scratch/sandbox.log" || fail 'the sandbox does not say its keys'
  answers_a_query "http://127.0.0.1:$port/graphql" "$(grep -om 1 'qbr_demo_alice_\w*' "$scratch/sandbox.log")" ||
    fail 'it does not answer a query'
  stops gateway || fail 'the gateway does not end in order'
  stops sandbox || fail 'the sandbox does not end in order'
}

command -v podman >"$scratch/which.log" || skip 'Podman is not installed'
find_runtime
build || fail 'the image does not build'
has_its_settings || fail 'the image is not set up as it should be'
holds_nothing_else || fail 'the image holds more than it should'
runs
say "the image on $base builds, answers and ends in order"
