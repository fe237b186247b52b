# The columns of a table.
prepare() {
    mkdir -p out
    echo id,name,points >users.csv
    for i in $(seq "$N"); do echo "$i,User $i,$((i * i % 17))"; done >>users.csv
    tr , '\t' <users.csv >users.tsv
}
work() {
    parallel -k --colsep , --header : 'echo Dear {name}: {points} points >out/{id}; cat out/{id}' :::: users.csv
    parallel -k --colsep '\t' echo {3}/{1}: {2} :::: users.tsv
    parallel -k -j3 --colsep , -a users.csv test {3} -gt 8
    echo "no more than 8: $?"
}
