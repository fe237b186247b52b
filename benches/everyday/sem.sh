# A loop of the shell that keeps two at work, and a file that only one may change at a time.
prepare() {
    for i in $(seq "$N"); do seq "$i" $((i + 2000)) >"part $i"; done
    echo 0 >count
}
work() {
    for part in part*; do
        sem -j2 --id "pack$$" "gzip -n '$part'"
    done
    sem --wait --id "pack$$"
    parallel -j4 ': {}; sem --id "count" --fg "read n <count; echo \$((n + 1)) >count"' ::: $(seq 10)
    ls
    cat count
}
