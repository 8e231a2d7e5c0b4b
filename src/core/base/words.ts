/** A number of things, for people: `1 message`, `2,300 messages`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
	return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** Bytes for people: `812 B`, `2.4 kB`, `24 kB`, `3.4 MB`, `1.2 GB`. */
export function formatBytes(bytes: number): string {
	if (bytes < 1000) return `${bytes} B`;
	if (bytes < 9950) return `${(bytes / 1000).toFixed(1)} kB`;
	if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`;
	if (bytes < 999_950_000) return `${(bytes / 1e6).toFixed(1)} MB`;
	return `${(bytes / 1e9).toFixed(1)} GB`;
}
