// `npm run bench`: what each part costs against a plain way of doing the same, side by side in one run. Read the ratios;
// the times are those of this machine in this moment. Nothing here passes or fails. `npm run bench -- simulator` runs one.
import { benchRecording } from './recording.ts';
import { benchSimulator } from './simulator.ts';

const benches: Record<string, () => void | Promise<void>> = { recording: benchRecording, simulator: benchSimulator };

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
	console.error(`There is no benchmark '${unknown[0]}'. Benchmarks: ${Object.keys(benches).join(', ')}.`);
	process.exitCode = 1;
} else {
	for (const [name, bench] of Object.entries(benches)) if (wanted.length === 0 || wanted.includes(name)) await bench();
}
