/*
 * The floor of a job runner: JOBS processes, at most SLOTS at a time, from SLOTS threads that do nothing but
 * posix_spawn and wait. Nobody who starts processes one by one from user space does much better.
 *
 * With one slot it is also the stopwatch's hand: it starts a command many times with next to no cost of its own.
 * With -m it prints the peak memory of the largest process of all, in KiB, to standard error.
 *
 *	cc -O2 -pthread -o limit limit.c
 *	limit [-m] JOBS SLOTS COMMAND [ARGUMENT...]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char **environ;

static char **command;
static long jobs;
static atomic_long started, failed, peak_kib;

static void *slot(void *unused)
{
	(void)unused;
	while (atomic_fetch_add_explicit(&started, 1, memory_order_relaxed) < jobs) {
		pid_t pid;
		int status, error = posix_spawnp(&pid, command[0], NULL, NULL, command, environ);
		if (error != 0) {
			fprintf(stderr, "limit: %s: %s\n", command[0], strerror(error));
			exit(1);
		}
		struct rusage usage;
		while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR)
			continue;
		if (status != 0)
			failed++;
		long seen = peak_kib;
		while (usage.ru_maxrss > seen && !atomic_compare_exchange_weak(&peak_kib, &seen, usage.ru_maxrss))
			continue;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	int memory = argc > 1 && strcmp(argv[1], "-m") == 0;
	argv += memory;
	argc -= memory;
	if (argc < 4) {
		fprintf(stderr, "usage: limit [-m] JOBS SLOTS COMMAND [ARGUMENT...]\n");
		return 2;
	}
	jobs = atol(argv[1]);
	long slots = atol(argv[2]);
	command = argv + 3;
	pthread_t *threads = calloc((size_t)slots, sizeof *threads);
	for (long i = 0; i < slots; i++)
		if (threads == NULL || pthread_create(&threads[i], NULL, slot, NULL) != 0)
			return fprintf(stderr, "limit: can't start %ld threads\n", slots), 1;
	for (long i = 0; i < slots; i++)
		pthread_join(threads[i], NULL);
	if (memory)
		fprintf(stderr, "%ld\n", peak_kib);
	return failed != 0;
}
