# Loops within loops.
prepare() {
    mkdir -p out
    seq "$N" >numbers
}
work() {
    parallel -k echo {1}-{2}-{3} ::: a b ::: 1 2 3 ::: x 'y z'
    parallel -k echo {1} {2} :::: numbers ::: a b | tail -n 4
    parallel -k echo {1}={2} ::: one two three :::+ 1 2 3
    parallel 'echo $(({1} * {2})) >out/{1}x{2}' ::: 1 2 3 4 5 :::: numbers
    parallel -k -j3 'for i in 1 2; do echo {}.$i; done' ::: 7 8 9
    seq 20 | parallel -k -n 3 echo
    cat out/*x* | sort -n | uniq -c | sort -rn | sed -n 1p
}
