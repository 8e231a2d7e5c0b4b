const MEANINGS: Readonly<Record<number, string>> = {
	1000: 'The connection was closed normally.',
	1001: 'The server ended the session: it is shutting down, or the session reached its longest duration. Connect again to go on.',
	1002: 'One side broke the WebSocket protocol. Connect again; if it happens every time, something between the page and the server changes the traffic.',
	1003: 'The server does not take the kind of message it was sent. Check the last event that was sent.',
	1005: 'The other side closed the connection without saying why.',
	1006: 'The connection was lost, or was never made: the browser does not tell which. Check that the server is running, the address is right, the key is valid and the network is up; then connect again.',
	1007: 'A message held bytes that do not fit its kind, such as text that is not UTF-8. Check the last event that was sent.',
	1008: 'The server refused: the key, the model or the session is not allowed, or a rule of the server was broken. Check the key and the session settings.',
	1009: 'A message was larger than the other side takes. Send audio in smaller pieces.',
	1010: 'The server lacks a WebSocket extension that was asked for. Check the address.',
	1011: 'The server failed while it worked on the session. Connect again; if it happens every time, read the last error event.',
	1012: 'The server is restarting. Wait a moment and connect again.',
	1013: 'The server is too busy. Wait a moment and connect again.',
	1014: 'A gateway between the page and the server got no good answer. Wait a moment and connect again.',
	1015: 'The secure connection could not be made: the certificate is not trusted. Open the address in a tab to see why.',
	3000: 'The server did not accept who we are. Check the API key.',
	3003: 'The server does not allow this. Check the rights of the API key and the model.',
	3008: 'The server waited too long for something. Connect again.',
	4000: 'The server closed the session for a reason of its own. Read its words, and the last error event.'
};

/**
 * A close code in plain words: what happened and what to do. The other side's own reason is quoted where it gave one.
 * Never fails: a code that nobody knows is named with the range it belongs to.
 */
export function closeMeaning(code: number, reason: string): string {
	const meaning = MEANINGS[code] ?? meaningOfRange(code);
	return reason === '' ? meaning : `${meaning} It said: “${reason}”`;
}

function meaningOfRange(code: number): string {
	if (code >= 4000 && code <= 4999) {
		return `The server closed the session with its own code ${code}. Read its words, and the last error event.`;
	}
	if (code >= 3000 && code <= 3999) return `The connection was closed with the registered code ${code}.`;
	return `The connection was closed with code ${code}, which has no known meaning.`;
}
