#!/bin/bash
# A three-stage pipeline over three hosts, here as network namespaces, with a NATS node on each:
#
#     cluster.sh start        three namespaces on a bridge, a nats-server with JetStream in each
#     cluster.sh run          source on host 1, stage on host 2, sink on host 3; prints what the sink says
#     cluster.sh on I CMD...  runs a command on host I, such as: cluster.sh on 2 ping 10.83.0.1
#     cluster.sh cut I SECS   takes host I off the network for a while (try it during a run)
#     cluster.sh freeze I S   stops its nats-server for a while
#     cluster.sh kill I       kills its nats-server;  cluster.sh revive I starts it again
#     cluster.sh stop         all of it goes
#
# Needs root, iproute2 and nats-server.  LC3RUN says which lc3run, STATE where everything is kept.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
lc3run=${LC3RUN:-$here/../../build/runtime/lc3run}
state=${STATE:-/tmp/lc3cluster}
name=lc3n           # of namespaces and links
net=10.83.0
hosts=(1 2 3)
bus=nats://$net.1:4222,nats://$net.2:4222,nats://$net.3:4222

need() {
    command -v "$1" >/dev/null || { echo "cluster.sh: $1 is missing ($2)" >&2; exit 2; }
}

on() {
    ip netns exec "$name$1" "${@:2}"
}

node() { # starts the server of host $1
    local dir=$state/$1
    mkdir -p "$dir"
    cat >"$dir/server.conf" <<CONF
server_name: n$1
listen: "$net.$1:4222"
jetstream { store_dir: "$dir/js", max_file: 1G, max_mem: 64M }
cluster { name: lc3, listen: "$net.$1:6222", routes: ["nats://$net.1:6222", "nats://$net.2:6222", "nats://$net.3:6222"] }
CONF
    ip netns exec "$name$1" nats-server -c "$dir/server.conf" >>"$dir/log" 2>&1 &
    echo $! >"$dir/pid"
}

start() {
    need ip iproute2
    need nats-server nats-server
    [ ! -e "$state" ] || { echo "cluster.sh: $state is there already; cluster.sh stop" >&2; exit 1; }
    mkdir -p "$state"
    ip link add ${name}b type bridge
    ip link set ${name}b up
    for i in "${hosts[@]}"; do
        ip netns add "$name$i"
        ip link add "$name$i" type veth peer name eth0 netns "$name$i"
        ip link set "$name$i" master ${name}b up
        on "$i" ip address add "$net.$i/24" dev eth0
        on "$i" ip link set eth0 up
        on "$i" ip link set lo up
    done
    for i in "${hosts[@]}"; do node "$i"; done
    for _ in $(seq 100); do # until a leader is elected
        grep -qs "JetStream cluster new metadata leader" "$state"/*/log && break
        sleep 0.2
    done
    echo "three hosts are up: --bus=$bus"
}

run() {
    local log=$state/run
    mkdir -p "$log"
    on 1 "$lc3run" -q --bus=$bus --link=0:nats:raw "$here/source.asm" 2>"$log/source" &
    local first=$!
    on 2 "$lc3run" -q --bus=$bus --link=nats:raw:0 --link=0:nats:sums --checkpoint="$log/state" "$here/stage.asm" 2>"$log/stage" &
    local second=$!
    on 3 "$lc3run" -q --bus=$bus --link=nats:sums:0 "$here/sink.asm"
    wait $first $second
}

stop() {
    for i in "${hosts[@]}"; do
        if [ -f "$state/$i/pid" ]; then
            kill -CONT "$(cat "$state/$i/pid")" 2>/dev/null || true
            kill -KILL "$(cat "$state/$i/pid")" 2>/dev/null || true
        fi
        ip netns delete "$name$i" 2>/dev/null || true
        ip link delete "$name$i" 2>/dev/null || true
    done
    ip link delete ${name}b 2>/dev/null || true
    rm -rf "$state"
}

case "${1:-}" in
start) start ;;
run) run ;;
on) on "${@:2}" ;;
cut) ip link set "$name$2" down && sleep "$3" && ip link set "$name$2" up ;;
freeze) kill -STOP "$(cat "$state/$2/pid")" && sleep "$3" && kill -CONT "$(cat "$state/$2/pid")" ;;
kill) kill -KILL "$(cat "$state/$2/pid")" ;;
revive) node "$2" ;;
stop) stop ;;
*) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
