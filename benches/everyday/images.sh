# Thumbnails of all photos, some with blanks and quotes in their names. `convert` is a stub of ImageMagick's.
prepare() {
    mkdir -p photos bin thumbs
    printf '%s\n' '#!/bin/sh' 'sleep 0.005' '{ echo "$2"; tr a-z n-za-m <"$3"; } >"$4"' >bin/convert
    chmod +x bin/convert
    for i in $(seq "$N"); do echo "pixels of $i" >"photos/photo $i.png"; done
    echo pixels >"photos/it's me.png"
}
work() {
    cd photos && ls *.png | parallel -j4 ../bin/convert -resize 50% {} ../thumbs/{.}.jpg && cd .. && ls thumbs
}
