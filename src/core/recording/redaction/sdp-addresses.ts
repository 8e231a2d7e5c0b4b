/** What a session description (SDP, RFC 8866) and its candidates (RFC 8839) tell of a machine and its network. */
import type { Match } from './finding.ts';

/** With a dot or a colon in it, as names and addresses have. */
const ADDRESS = String.raw`([\w-]{0,63}[.:][\w.:-]{0,200})`;
const ADDRESSES: readonly RegExp[] = [
	new RegExp(String.raw`\bIN IP[46] ${ADDRESS}`, 'dg'), // o=, c=, a=rtcp:
	new RegExp(String.raw`\bcandidate:[\w+/]{1,32} \d{1,5} \w{1,8} \d{1,10} ${ADDRESS} \d{1,5} typ\b`, 'dg'),
	new RegExp(String.raw`\braddr ${ADDRESS}`, 'dg')
];
/** The password of the connectivity checks, and the keys of SRTP (RFC 4568). The name `ice-ufrag` alone opens nothing. */
const SECRETS: readonly RegExp[] = [/\bice-pwd:([\w+/]{1,256})/dg, /\binline:([\w+/=]{16,256})/dg];

/** Addresses that every machine has, and names that a browser made up to hide one (mDNS). */
const NOBODYS = /^(?:127\.\d+\.\d+\.\d+|0\.0\.0\.0|::1?|.+\.local)$/;

/** Finds addresses and passwords of session descriptions, whole ones and single lines of them. */
export function findSdpAddresses(text: string): Match[] {
	const addresses = ADDRESSES.flatMap((pattern) => groupsOf(text, pattern))
		.filter(({ start, end }) => !NOBODYS.test(text.slice(start, end)))
		.map((stretch) => ({ ...stretch, kind: 'ip address' as const }));
	const passwords = SECRETS.flatMap((pattern) => groupsOf(text, pattern));
	return [...addresses, ...passwords.map((stretch) => ({ ...stretch, kind: 'password' as const }))];
}

/** The stretches of the first group. */
function groupsOf(text: string, pattern: RegExp): { readonly start: number; readonly end: number }[] {
	return [...text.matchAll(pattern)].map(({ indices }) => {
		const [start, end] = indices![1]!;
		return { start, end };
	});
}

const IP_ADDRESS = /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4})(?![\w:]|\.\d)/g;

/** Finds addresses in a header that is there to tell them. */
export function findIpAddresses(text: string): Match[] {
	return [...text.matchAll(IP_ADDRESS)]
		.map(({ 0: address, index }) => ({ start: index, end: index + address.length, kind: 'ip address' as const }))
		.filter(({ start, end }) => !NOBODYS.test(text.slice(start, end)));
}
