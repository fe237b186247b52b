# A list of checksums, made in parallel and checked; then a damaged file is found.
prepare() {
    mkdir -p data/deep
    for i in $(seq "$N"); do seq "$i" $((i + 2000)) >"data/file $i"; seq "$i" >"data/deep/$i"; done
}
work() {
    find data -type f | sort | parallel -k sha256sum >SUMS
    wc -l <SUMS
    find data -type f | sort | parallel -k -n 20 md5sum >MD5
    sha256sum -c --quiet SUMS && echo whole
    echo damaged >data/deep/1
    parallel -k -j4 'echo {} | sha256sum -c --quiet' :::: SUMS
    echo "damaged: $?"
}
