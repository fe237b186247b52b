# Names as a camera and a careless person give them.
prepare() {
    mkdir -p in/sub
    for i in $(seq "$N"); do echo "$i" >"in/IMG $i.JPG"; echo "$i" >"in/sub/it's \$(touch hit) \"$i\".JPEG"; done
}
work() {
    find in -name '*.JPG' | parallel mv {} {.}.jpg
    find in -name '*.JPEG' | parallel 'mv {} {//}/{#}-{/.}.jpg; true' >/dev/null
    find in -name '*.jpg' | wc -l
    find in -maxdepth 1 -name '*.jpg' | parallel 'mv {} {= s/ /_/g =}'
    ls in | parallel -k --rpl '{x} s/IMG_(\d+).*/$1/' echo {x} {/.}
    ls -R in | sed 's/^[0-9]*-//' | sort
    # In which order find names them, and so their numbers, is chance.
    rm -r in/sub
}
