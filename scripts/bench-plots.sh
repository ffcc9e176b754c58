#!/usr/bin/env bash
#
# scripts/bench-plots.sh                 draws the plots of bench/results/*-scaling.csv and docs/scaling.svg, and
#                                        brings the tables in bench/README.md and docs/scaling.md up to date with
#                                        bench/results/*.json
# scripts/bench-plots.sh --no-install    the same, but what is missing is named, not installed
#
# Installs gnuplot (apt), and needs graveler-bench: the one that GRAVELER_BENCH names, or else it is built in
# build/run-release. Nothing is measured here; bench/README.md tells how the files came about.

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

[[ ${1-} != -h && ${1-} != --help ]] || usage
[[ ${1-} != --no-install ]] || { may_install=no && shift; }
(($# == 0)) || die "'$1' is not expected; see scripts/bench-plots.sh --help"

bench=${GRAVELER_BENCH:-}
if [[ -z $bench ]]; then
    require build
    build release build/run-release -DBUILD_TESTING=OFF
    bench=$root/build/run-release/graveler-bench
fi
require plots

# plot CSV: draws CSV.svg and CSV.png, time against sessions, a line a place.
plot() {
    local csv=$1 name=${1%.csv} places
    places=$(awk -F, 'NR > 1 && !seen[$2]++ { printf "%s\"%s\"", n++ ? ", " : "", $2 }' "$csv")
    [[ -n $places ]] || die "$csv holds no points"
    gnuplot - <<-PLOT || die "gnuplot could not draw $csv"
		set datafile separator ','
		set logscale xy
		set format x '10^{%L}'
		set format y '10^{%L}'
		set xlabel 'sessions of 231 rolls at 1/4'
		set ylabel 'seconds, whole process'
		set key left top
		set grid
		array places[$(awk -F, 'NR > 1 && !seen[$2]++' "$csv" | wc -l)] = [$places]
		draw = 'plot for [i=1:|places|] "$csv" skip 1 using (strcol(2) eq places[i] ? column(6) : NaN):7 with linespoints lw 2 pt i+4 title places[i]'
		set terminal svg size 800,500 background 'white'
		set output '$name.svg'
		@draw
		set terminal pngcairo size 800,500
		set output '$name.png'
		@draw
	PLOT
}

# plot_plans CSV...: draws docs/scaling.svg, how efficient runs of so many workers are.
plot_plans() {
    gnuplot - <<-PLOT || die 'gnuplot could not draw docs/scaling.svg'
		set datafile separator ','
		set logscale x
		set xlabel 'workers'
		set ylabel 'efficiency, %'
		set yrange [0:105]
		set key left bottom
		set grid
		set terminal svg size 800,400 background 'white'
		set output 'docs/scaling.svg'
		array files[3] = ['$1', '$2', '$3']
		array titles[3] = ['10^{12} sessions, threads (half a second for 10,000)', \
		    '10^{10} sessions each, threads (50 s)', '10^{16} sessions, GPUs (10 s for 10,000)']
		plot for [i=1:3] files[i] skip 1 using 1:5 with linespoints lw 2 pt i+4 title titles[i]
	PLOT
}

# Prints a page with what stands between `<!-- COMMAND -->` and `<!-- end -->` made anew, where COMMAND is a
# graveler-bench report.
refresh() {
    local line inside=no
    while IFS= read -r line; do
        if [[ $line == '<!-- end -->' ]]; then
            inside=no
        fi
        [[ $inside == yes ]] || printf '%s\n' "$line"
        if [[ $line =~ ^'<!-- graveler-bench report '([^ ]+)' -->'$ ]]; then
            inside=yes
            (cd "$root" && "$bench" report "${BASH_REMATCH[1]}") || die "no table from ${BASH_REMATCH[1]}"
        fi
    done
}

cd "$root"
shopt -s nullglob
for csv in bench/results/*-scaling.csv; do
    plot "$csv"
done
plans=bench/results/2026-11-26-xeon-2t-plan
plot_plans "$plans.csv" "$plans-each.csv" "$plans-gpus.csv"
for page in bench/README.md docs/scaling.md; do
    text=$(refresh <"$page")
    printf '%s\n' "$text" >"$page"
done
