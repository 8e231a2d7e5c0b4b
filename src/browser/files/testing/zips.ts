import { crc32, deflateRawSync } from 'node:zlib';
import { openZip } from '../zip.ts';

/** A file of a zip that is made by hand, with what may be wrong with it. */
export interface HandMade {
	readonly name: string;
	readonly content: Uint8Array | string;
	readonly isPacked?: boolean;
	readonly isEncrypted?: boolean;
}

/** A zip made by hand. Source: PKWARE APPNOTE 6.3.10, 4.3. */
export function handMadeZip(files: readonly HandMade[]): Blob {
	const parts: Buffer[] = [];
	const directory: Buffer[] = [];
	let at = 0;
	for (const { name, content, isPacked = false, isEncrypted = false } of files) {
		const bytes = Buffer.from(content);
		const packed = isPacked ? deflateRawSync(bytes) : bytes;
		const common = Buffer.alloc(26);
		common.writeUInt16LE(20, 0);
		common.writeUInt16LE(0x800 | (isEncrypted ? 1 : 0), 2);
		common.writeUInt16LE(isPacked ? 8 : 0, 4);
		common.writeUInt32LE(0x5a21_0000, 6);
		common.writeUInt32LE(crc32(bytes), 10);
		common.writeUInt32LE(packed.length, 14);
		common.writeUInt32LE(bytes.length, 18);
		const nameBytes = Buffer.from(name);
		common.writeUInt16LE(nameBytes.length, 22);
		const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, nameBytes, packed]);
		const tail = Buffer.alloc(14);
		tail.writeUInt32LE(at, 10);
		directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, tail, nameBytes]));
		parts.push(local);
		at += local.length;
	}
	const list = Buffer.concat(directory);
	const end = Buffer.alloc(22);
	end.write('PK\x05\x06', 'latin1');
	end.writeUInt16LE(files.length, 8);
	end.writeUInt16LE(files.length, 10);
	end.writeUInt32LE(list.length, 12);
	end.writeUInt32LE(at, 16);
	return new Blob([new Uint8Array(Buffer.concat([...parts, list, end]))]);
}

/** The files of a zip that Earshot wrote, to be packed again by hand with something wrong. */
export async function filesOf(blob: Blob): Promise<Map<string, Buffer>> {
	const zip = await openZip(blob);
	if (!zip.ok) throw new Error(zip.error.message);
	const files = new Map<string, Buffer>();
	for (const { name } of zip.value.entries) {
		files.set(name, Buffer.from(await new Response(zip.value.stream(name)).arrayBuffer()));
	}
	return files;
}
