# Many files, compressed, measured, and back again.
prepare() {
    for i in $(seq "$N"); do seq "$i" $((i + 3000)) >"text $i.txt"; done
}
work() {
    parallel gzip -n9 ::: *.txt
    parallel -k 'zcat {} | wc -c' ::: *.gz
    ls *.gz | parallel -j4 gunzip
    ls | parallel -k wc -l {} | tail -n 3
}
