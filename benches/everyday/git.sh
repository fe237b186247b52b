# The same question to many repositories.
prepare() {
    export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'
    for i in $(seq "$((N / 2 + 1))"); do
        git init -q -b main "repos/r $i"
        (
            cd "repos/r $i" && echo "$i" >file && git add file &&
                git -c user.name=n -c user.email=e -c gc.auto=0 commit -q -m "commit $i" && rm -rf .git/hooks
        )
        [ $((i % 4)) != 0 ] || echo changed >>"repos/r $i/file"
    done
}
work() {
    export GIT_OPTIONAL_LOCKS=0
    ls -d repos/* | parallel -k --tag git -C {} log --format=%s
    ls -d repos/* | parallel -k 'cd {} && git status --short | sed "s:^:$(basename {}) :"'
    parallel -k 'git -C {} rev-parse --short HEAD; git -C {} diff --quiet' ::: repos/*
    echo "with changes: $?"
    # The index holds times.
    rm -rf repos/*/.git
}
