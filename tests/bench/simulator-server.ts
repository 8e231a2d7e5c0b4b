// The process of the simulator benchmark that is measured: the simulator, and plain sockets to compare it with, on a free
// port of 127.0.0.1. Started with an IPC channel; ends with it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { createSimulator } from '#simulator/attach-simulator.ts';
import { relaxGarbageCollection } from '#simulator/workers/garbage-collection.ts';

/** What it has used so far. The memory is what is left after a collection. */
export interface ServerUsage {
	cpuMs: number;
	rssBytes: number;
	heapBytes: number;
	connections: number;
}

export type ServerReport = { kind: 'listening'; port: number } | { kind: 'usage'; usage: ServerUsage };

const report = (message: ServerReport): void => void process.send?.(message);

// As the host does.
relaxGarbageCollection();
/** Pacing off. */
const simulator = createSimulator({ latencyMs: 0, seed: 'bench' });

// A message that holds `event_id` is sent back, the others are only received: what the simulator does, without the work.
const plain = new WebSocketServer({ noServer: true, perMessageDeflate: false });
plain.on('connection', (socket) => {
	socket.on('message', (data: Buffer) => {
		const text = String(data);
		if (text.includes('"event_id"')) socket.send(text);
	});
});

const server = createServer((_, response) => response.writeHead(404).end());
server.on('upgrade', (request, socket, head) => {
	if (request.url === '/plain') plain.handleUpgrade(request, socket, head, (open) => plain.emit('connection', open));
	else if (!simulator.handleUpgrade(request, socket, head)) socket.destroy();
});
server.listen(0, '127.0.0.1', () => report({ kind: 'listening', port: (server.address() as AddressInfo).port }));

process.on('message', () => {
	globalThis.gc?.();
	const { user, system } = process.cpuUsage();
	const { rss, heapUsed, external } = process.memoryUsage();
	const used = { cpuMs: (user + system) / 1000, rssBytes: rss, heapBytes: heapUsed + external };
	server.getConnections((_, connections) => report({ kind: 'usage', usage: { ...used, connections } }));
});
process.on('disconnect', () => process.exit(0));
