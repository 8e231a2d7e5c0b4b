/** What a connection's address tells. Never its key: of the query only the model is taken. */
export interface EndpointAddress {
	/** Host and port; empty when the text is no address. */
	readonly endpoint: string;
	readonly path: string;
	/** What the address asks for: `?model=`, on Azure also `?deployment=`; empty when it does not say. */
	readonly model: string;
}

/** Reads an address of any scheme. User names and passwords before the host are dropped. */
export function parseEndpointAddress(url: string): EndpointAddress {
	const parts = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?/i.exec(url.slice(0, MAX_URL));
	if (!parts) return { endpoint: '', path: '', model: '' };
	const [, authority = '', path = '', query = ''] = parts;
	const endpoint = authority.slice(authority.lastIndexOf('@') + 1);
	return { endpoint, path, model: parameter(query, 'model') ?? parameter(query, 'deployment') ?? '' };
}

const MAX_URL = 16_384;

function parameter(query: string, name: string): string | undefined {
	for (const pair of query.split('&')) {
		const [key, value = ''] = pair.split('=', 2);
		if (key !== name || value === '') continue;
		try {
			return decodeURIComponent(value.replaceAll('+', ' '));
		} catch {
			return value;
		}
	}
	return undefined;
}
