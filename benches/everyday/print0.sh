# Any name: blanks, quotes, newlines, leading dashes.
prepare() {
    mkdir -p tree/'a b'
    for i in $(seq "$N"); do seq "$i" >"tree/a b/$i \$x\`y"; done
    echo 1 >"tree/one
two"
    echo 2 >'tree/-n'
    echo 3 >"tree/it's \"3\""
}
work() {
    find tree -type f -print0 | sort -z | parallel -0 -k 'wc -l <{}'
    find tree -type f -print0 | sort -z | parallel -0 -k echo {/} | wc -l
    find tree -type f -size -1k -print0 | parallel -0 -r rm
    find tree -type f -name '*[13579] *' -print0 | parallel -0 -n 5 rm --
    find tree -type f | sort
}
