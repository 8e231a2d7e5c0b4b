import { expect, test } from 'vitest';
import { parseEndpointAddress } from './endpoint-address.ts';

test.each([
	['wss://api.openai.com/v1/realtime?model=gpt-realtime', 'api.openai.com', '/v1/realtime', 'gpt-realtime'],
	['WS://127.0.0.1:80?api-key=k&model=a%2Fb+c', '127.0.0.1:80', '', 'a/b c'],
	['wss://me:key@x.azure.com/openai/realtime?deployment=mine#model=no', 'x.azure.com', '/openai/realtime', 'mine'],
	['wss://x/?model=%E0%A4%A', 'x', '/', '%E0%A4%A'],
	['wss://x?xmodel=1&model=', 'x', '', ''],
	['not an address', '', '', ''],
	['', '', '', '']
])('%s', (url, endpoint, path, model) => {
	expect(parseEndpointAddress(url)).toEqual({ endpoint, path, model });
});
