# What went wrong, by file and by user, in many logs.
prepare() {
    for i in $(seq "$N"); do
        mkdir -p "logs/host$((i % 5))"
        for line in $(seq 200); do
            echo "10:00:$line $( [ $((line % 7)) = 0 ] && echo ERROR || echo info) user$((line % 11)) request $i"
        done >"logs/host$((i % 5))/app $i.log"
    done
}
work() {
    find logs -name '*.log' | sort | parallel -k --tag grep -c ERROR {}
    find logs -name '*.log' | sort | parallel -k -j3 "grep ERROR {} | cut -d' ' -f3 | sort | uniq -c | sort -rn | head -n 2" >users
    find logs -name '*.log' | sort | parallel grep -q 'user99' {} || echo "in $? logs nobody"
    wc -l <users
}
