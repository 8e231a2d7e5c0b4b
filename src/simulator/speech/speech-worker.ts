/** Worker thread of speech.ts: speaks piece by piece, always for the utterance that has been given least, so that nobody waits long. */
import { parentPort } from 'node:worker_threads';
import { compileFlite } from '#simulator/speech/flite-wasi.ts';
import { cutPieces } from '#simulator/speech/pieces.ts';
import type { Joint, Piece } from '#simulator/speech/pieces.ts';
import { synthesizeClause, trimPauses } from '#simulator/speech/speech-synthesis.ts';

export type SpeechWorkerRequest =
	| { kind: 'begin'; id: number; voice: string; speed: number }
	| { kind: 'say'; id: number; text: string }
	| { kind: 'end'; id: number }
	| { kind: 'cancel'; id: number };

export type SpeechWorkerReply =
	| { kind: 'audio'; id: number; samples: Int16Array<ArrayBuffer> }
	| { kind: 'done'; id: number }
	| { kind: 'failed'; id: number; message: string };

interface Job {
	id: number;
	voice: string;
	speed: number;
	pieces: Piece[];
	/** What the next piece comes after. */
	joint: Joint;
	/** How much speech it was given, in samples; a little for each piece besides, also where it has no sound. */
	givenSamples: number;
	/** Nothing more will be said. */
	isEnded: boolean;
}

const LEAST_GIVEN_SAMPLES = 2400;

const flite = compileFlite();
const jobs = new Map<number, Job>();
let isPumping = false;

function reply(message: SpeechWorkerReply, transfer: ArrayBuffer[] = []): void {
	parentPort?.postMessage(message, transfer);
}

function speakNextPiece(job: Job): void {
	const piece = job.pieces.shift();
	if (!piece) return;
	job.givenSamples += LEAST_GIVEN_SAMPLES;
	try {
		const speech = synthesizeClause(flite, piece.text, job.voice, job.speed);
		if (!speech) return;
		const samples = trimPauses(speech, job.joint, piece.joint, job.speed) as Int16Array<ArrayBuffer>;
		job.joint = piece.joint;
		job.givenSamples += samples.length;
		reply({ kind: 'audio', id: job.id, samples }, [samples.buffer]);
	} catch (error) {
		jobs.delete(job.id);
		reply({ kind: 'failed', id: job.id, message: error instanceof Error ? error.message : String(error) });
	}
}

function finishIfDone(job: Job): void {
	if (!job.isEnded || job.pieces.length > 0 || !jobs.delete(job.id)) return;
	reply({ kind: 'done', id: job.id });
}

/** The utterance with something to say that has been given the least speech so far. */
function findNeediest(): Job | undefined {
	let neediest: Job | undefined;
	for (const job of jobs.values()) {
		if (job.pieces.length > 0 && !(neediest && neediest.givenSamples <= job.givenSamples)) neediest = job;
	}
	return neediest;
}

function pump(): void {
	const job = findNeediest();
	if (!job) {
		isPumping = false;
		flite.prepare();
		return;
	}
	speakNextPiece(job);
	finishIfDone(job);
	// Back to the event loop between pieces, so that a cancel is seen.
	setImmediate(pump);
}

function startPump(): void {
	if (isPumping) return;
	isPumping = true;
	setImmediate(pump);
}

function handle(request: SpeechWorkerRequest): void {
	const { id } = request;
	if (request.kind === 'begin') {
		const { voice, speed } = request;
		jobs.set(id, { id, voice, speed, pieces: [], joint: 'start', givenSamples: 0, isEnded: false });
		return;
	}
	const job = jobs.get(id);
	if (!job) return;
	if (request.kind === 'cancel') jobs.delete(id);
	else if (request.kind === 'end') {
		job.isEnded = true;
		finishIfDone(job);
	} else {
		job.pieces.push(...cutPieces(request.text, job.joint === 'start' && job.pieces.length === 0));
		startPump();
	}
}

// The first text of a fresh module takes twice as long as the next: nobody should wait for that.
setImmediate(() => {
	synthesizeClause(flite, 'Ready.', 'marin', 1);
	flite.prepare();
});

parentPort?.on('message', handle);
