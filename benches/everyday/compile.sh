# A small program of many files.
prepare() {
    mkdir -p src obj
    for i in $(seq "$N"); do echo "int f$i(int x) { return x * $i + 1; }" >"src/f$i.c"; done
    {
        for i in $(seq "$N"); do echo "int f$i(int);"; done
        echo '#include <stdio.h>'
        echo 'int main(void) { int x = 1;'
        for i in $(seq "$N"); do echo "x = f$i(x) % 1000;"; done
        printf '%s\n' 'printf("%d\n", x); return 0; }'
    } >src/main.c
}
work() {
    ls src/*.c | parallel --halt now,fail=1 gcc -O1 -c {} -o obj/{/.}.o && gcc -o program obj/*.o && ./program
    echo 'int broken(' >src/broken.c
    ls src/*.c | parallel -k 'gcc -fsyntax-only {} 2>/dev/null || echo {/} is broken'
    rm program
}
