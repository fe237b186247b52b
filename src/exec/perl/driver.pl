# Evaluates the expressions of a run. Messages in both directions are lists of byte strings: the number of them, and each
# behind its length, all in 32 bits, the highest first. Arguments come as data and are never part of any code.
package Arg;
# Before any variable of ours, so that expressions see none of them.
sub compile_ { eval('sub { no strict; no warnings; my $job = shift; ' . $_[0] . ' }') }
sub skip() { $Global::job->skip() }
sub slot() { $Global::job->slot() }
sub seq() { $Global::job->seq() }
sub uq() { $Global::unquote_arg = 1 }
sub total_jobs() { $Global::JobQueue->total_jobs() }
sub Q($) { ::Q($_[0]) }
sub pQ($) { ::pQ($_[0]) }
sub hash($) { require B; B::hash($_[0]) }
sub yyyy_mm_dd_hh_mm_ss() { ::strftime("%Y-%m-%dT%H:%M:%S", localtime(time())) }
sub yyyy_mm_dd_hh_mm() { ::strftime("%Y-%m-%dT%H:%M", localtime(time())) }
sub yyyy_mm_dd() { ::strftime("%Y-%m-%d", localtime(time())) }
sub hh_mm_ss() { ::strftime("%H:%M:%S", localtime(time())) }
sub hh_mm() { ::strftime("%H:%M", localtime(time())) }
sub yyyymmddhhmmss() { ::strftime("%Y%m%d%H%M%S", localtime(time())) }
sub yyyymmddhhmm() { ::strftime("%Y%m%d%H%M", localtime(time())) }
sub yyyymmdd() { ::strftime("%Y%m%d", localtime(time())) }
sub hhmmss() { ::strftime("%H%M%S", localtime(time())) }
sub hhmm() { ::strftime("%H%M", localtime(time())) }

package CommandLine;
sub seq { $_[0]{seq} }
sub slot { $_[0]{slot} }
sub skip { $_[0]{skip} = 1 }
sub total_jobs { $_[0]{total} }
sub replaced { "" }

package main;
# Modules that GNU parallel has loaded, whose functions expressions call as ::floor() or POSIX::floor().
sub AUTOLOAD {
    my ($name) = $main::AUTOLOAD =~ /([^:]+)$/;
    for my $module ("POSIX", "File::Basename") {
        eval "require $module";
        my $function = $module->can($name);
        goto &$function if $function;
    }
    die "Undefined subroutine &main::$name called\n";
}
sub load_ { for my $module (qw(POSIX Cwd File::Basename File::Path File::Temp)) { eval "require $module" if $_[0] =~ /\b${module}::/ } }
sub perl_quote_scalar { my $a = $_[0]; $a =~ s/[\\\"\$\@]/\\$&/g if defined $a; $a }
sub pQ { perl_quote_scalar($_[0]) }
sub shell_quote_scalar {
    my $a = $_[0];
    return $a unless defined $a;
    if ($Global::cshell) {
        if (($a =~ s/[\002-\011\013-\032\\\#\?\`\(\)\{\}\[\]\^\*\<\=\>\~\|\; \"\!\$\&\'\202-\377]/\\$&/g)
            + ($a =~ s/[\n]/"\\\n"/g)) { return $a }
        return $a eq "" ? "''" : $a;
    }
    if ($a =~ /[^-_.+a-z0-9\/]/i) { $a =~ s/'/'"'"'/g; $a = "'$a'"; $a =~ s/^''//; $a =~ s/''$//; return $a }
    $a eq "" ? "''" : $a;
}
sub Q { shell_quote_scalar($_[0]) }
sub shell_quote { wantarray ? map { Q($_) } @_ : join " ", map { Q($_) } @_ }
sub uniq { my %seen; @seen{map { defined $_ ? $_ : "" } @_} = (); keys %seen }
sub max { my $max; for (@_) { defined $_ or next; defined $max or $max = $_; $max = $_ if $max < $_ } $max }
sub min { my $min; for (@_) { defined $_ or next; defined $min or $min = $_; $min = $_ if $min > $_ } $min }
sub sum { my $sum = 0; for (@_) { $_ and $sum += $_ } $sum }
sub ceil { my $x = shift; int($x) == $x ? $x : $x < 0 ? int($x) : int($x) + 1 }
sub make_regexp_ungreedy {
    my ($class, $escape, $found, $ungreedy) = (0, 0, 0, "");
    for my $c (split //, $_[0]) {
        if ($found) { $ungreedy .= "?" if $c ne "?"; $found = 0 }
        $ungreedy .= $c;
        if ($escape) { $escape = 0; next }
        if ($c eq "\\") { $escape = 1; next }
        if ($c eq "[") { $class = 1; next }
        if ($class) { $class = 0 if $c eq "]"; next }
        $found = 1 if $c =~ /[*}+]/;
    }
    $found ? "$ungreedy?" : $ungreedy;
}

{
    open(my $in, "<&", \*STDIN) or exit 1;
    open(my $out, ">&", \*STDOUT) or exit 1;
    binmode $in;
    binmode $out;
    my $stdout = shift @ARGV;
    open(STDIN, "<", "/dev/null");
    open(STDOUT, ">&=", $stdout) && open(STDOUT, ">&", $stdout) or exit 1;
    $| = 1;
    my $bytes = sub {
        my ($count, $buffer) = ($_[0], "");
        while ($count > 0) {
            my $got = read($in, $buffer, $count, length $buffer);
            exit 0 unless $got;
            $count -= $got;
        }
        $buffer;
    };
    my $take = sub { map { $bytes->(unpack "N", $bytes->(4)) } 1 .. unpack("N", $bytes->(4)) };
    my $give = sub {
        my $message = pack "N", scalar @_;
        for my $text (@_) {
            my $text = defined $text ? "$text" : "";
            utf8::encode($text) if utf8::is_utf8($text);
            $message .= pack("N", length $text) . $text;
        }
        while (length $message) {
            my $gone = syswrite($out, $message);
            exit 0 unless defined $gone;
            substr($message, 0, $gone) = "";
        }
    };
    my ($total, $slots, $csh, @code) = $take->();
    ($Global::max_jobs_running, $Global::cshell) = ($slots, $csh);
    ($Global::progname, $Global::version) = ("parallel", 20221122);
    $Global::JobQueue = bless {total => $total}, "CommandLine";
    my @subs;
    for my $id (0 .. $#code) {
        next if $code[$id] eq "";
        load_($code[$id]);
        $subs[$id] = Arg::compile_($code[$id]);
        if (not $subs[$id]) { $give->("error", $code[$id], $@); exit 1 }
    }
    $give->("ok");
    # Keys of lines: as the programs that GNU parallel writes for --shard, --bin (a separator that stands in a variable) and --group-by.
    my $keys = sub {
        my ($column, $separator, $variable, $lines) = @_;
        my ($wanted, @keys) = ($column eq "" ? -1 : $column);
        open(my $from, "<", \$lines);
        while (my $line = <$from>) {
            local $_ = $line;
            @Arg::F = $variable ? split($separator, $_, $wanted + 2) : split(/$separator/, $_);
            local $_ = $column eq "" ? $line : $Arg::F[$column];
            $subs[0]->() if $subs[0];
            push @keys, $_;
        }
        @keys;
    };
    while (1) {
        my ($seq, $slot, $count, @rest) = $take->();
        if ($seq eq "keys") {
            my @keys;
            eval { @keys = $keys->($slot, $count, @rest); 1 } ? $give->("ok", @keys) : $give->("error", "$@");
            next;
        }
        @Arg::arg = (undef, splice @rest, 0, $count);
        my $job = $Global::job = bless {seq => $seq, slot => $slot, total => $total}, "CommandLine";
        my @values;
        my $failed;
        while (my ($id, $index) = splice @rest, 0, 2) {
            my $value;
            # As GNU parallel, which looks again at what it takes for not computed yet.
            for (1 .. 2) {
                local $_ = defined $Arg::arg[$index + 1] ? $Arg::arg[$index + 1] : "";
                $Global::unquote_arg = 0;
                if (not eval { $subs[$id]->($job); 1 }) { $failed = defined $@ ? "$@" : "died"; last }
                $value = $_;
                last if $value;
            }
            last if defined $failed;
            push @values, $Global::unquote_arg ? 1 : 0, $value;
        }
        defined $failed ? $give->("error", $failed) : $give->("ok", $job->{skip} ? 1 : 0, @values);
    }
}
