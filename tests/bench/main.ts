// `npm run bench`: what each part costs against a plain way of doing the same, side by side in one run. Read the ratios;
// the times are those of this machine in this moment. Nothing passes or fails on time. `npm run bench -- simulator` runs
// one; `--large` takes longer: `library` also opens a million events, `kills` kills a hundred browsers.
import { benchImports } from './imports.ts';
import { benchKills } from './kill-test.ts';
import { benchLibrary } from './library.ts';
import { benchRecording } from './recording.ts';
import { benchSimulator } from './simulator.ts';
import { benchStore } from './store.ts';

const benches: Record<string, (flags: ReadonlySet<string>) => void | Promise<void>> = {
	recording: benchRecording,
	simulator: benchSimulator,
	imports: benchImports,
	store: benchStore,
	kills: (flags) => benchKills({ kills: flags.has('--large') ? 100 : 10 }),
	library: (flags) => benchLibrary({ isLarge: flags.has('--large') })
};
const FLAGS = ['--large'];

const given = process.argv.slice(2);
const flags = new Set(given.filter((word) => word.startsWith('--')));
const wanted = given.filter((word) => !word.startsWith('--'));
const unknown = wanted.find((name) => !Object.hasOwn(benches, name));
const unknownFlag = [...flags].find((flag) => !FLAGS.includes(flag));
if (unknown !== undefined || unknownFlag !== undefined) {
	const what = unknown === undefined ? `option '${unknownFlag}'` : `benchmark '${unknown}'`;
	console.error(`There is no ${what}. Benchmarks: ${Object.keys(benches).join(', ')}; options: ${FLAGS.join(', ')}.`);
	process.exitCode = 1;
} else {
	for (const [name, bench] of Object.entries(benches)) {
		if (wanted.length === 0 || wanted.includes(name)) await bench(flags);
	}
}
