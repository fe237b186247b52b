# A list of addresses, a few of which fail at first or for ever. `curl` is a stub.
prepare() {
    mkdir -p bin pages tried
    printf '%s\n' '#!/bin/sh' 'sleep 0.005' 'name=$(echo "$4" | tr -c "a-z0-9\n" _)' 'echo >>"tried/$name"' \
        'case $4 in *gone*) exit 22;; *busy*) [ $(wc -l <"tried/$name") -ge 2 ] || exit 7;; esac' 'echo "page of $4" >"$3"' >bin/curl
    chmod +x bin/curl
    for i in $(seq "$N"); do
        case $((i % 10)) in 3) kind=busy ;; 7) kind=gone ;; *) kind=page ;; esac
        echo "https://example.org/$kind?id=$i&x=%20"
    done >urls
}
work() {
    parallel -j8 --retries 3 --joblog log ./bin/curl -s -o pages/{#}.html {} <urls
    echo "failed: $?"
    cut -f 1,7 log | sort -n
    rm log*
    cat urls | parallel -k echo {/} | head -n 3
    cat pages/*.html | sort
}
