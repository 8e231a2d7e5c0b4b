/** Worker thread of speech.ts: speaks clause by clause, one clause of each request in turn, so that nobody waits long. */
import { parentPort } from 'node:worker_threads';
import { compileFlite } from '#simulator/flite-wasi.ts';
import { splitClauses, synthesizeClause } from '#simulator/speech-synthesis.ts';

export type SpeechWorkerRequest =
	{ kind: 'speak'; id: number; text: string; voice: string; speed: number } | { kind: 'cancel'; id: number };

export type SpeechWorkerReply =
	| { kind: 'audio'; id: number; samples: Int16Array<ArrayBuffer> }
	| { kind: 'done'; id: number }
	| { kind: 'failed'; id: number; message: string };

interface Job {
	id: number;
	clauses: string[];
	voice: string;
	speed: number;
}

const module = compileFlite();
const jobs = new Map<number, Job>();
let isPumping = false;

function reply(message: SpeechWorkerReply, transfer: ArrayBuffer[] = []): void {
	parentPort?.postMessage(message, transfer);
}

function speakNextClause(job: Job): void {
	const clause = job.clauses.shift();
	if (clause === undefined) {
		jobs.delete(job.id);
		reply({ kind: 'done', id: job.id });
		return;
	}
	try {
		const samples = synthesizeClause(module, clause, job.voice, job.speed);
		if (samples)
			reply({ kind: 'audio', id: job.id, samples: samples as Int16Array<ArrayBuffer> }, [
				samples.buffer as ArrayBuffer
			]);
	} catch (error) {
		jobs.delete(job.id);
		reply({ kind: 'failed', id: job.id, message: error instanceof Error ? error.message : String(error) });
	}
}

function pump(): void {
	for (const job of [...jobs.values()]) if (jobs.has(job.id)) speakNextClause(job);
	isPumping = jobs.size > 0;
	// Back to the event loop between rounds, so that a cancel is seen.
	if (isPumping) setImmediate(pump);
}

// The first utterance of a fresh module takes twice as long as the next: nobody should wait for that.
setImmediate(() => void synthesizeClause(module, 'Ready.', 'marin', 1));

parentPort?.on('message', (request: SpeechWorkerRequest) => {
	if (request.kind === 'cancel') {
		jobs.delete(request.id);
		return;
	}
	const { id, text, voice, speed } = request;
	jobs.set(id, { id, clauses: splitClauses(text), voice, speed });
	if (!isPumping) {
		isPumping = true;
		setImmediate(pump);
	}
});
