/** What the user is writing: kept in the browser so that a reload loses nothing. Never holds a key. */
const STORAGE_KEY = 'earshot.drafts';

export const DEFAULT_SESSION_TEXT = `{
  "type": "realtime",
  "instructions": "You answer the phone of a small restaurant. Be warm and brief; one or two sentences at a time.",
  "output_modalities": ["audio"],
  "audio": {
    "input": {
      "format": { "type": "audio/pcm", "rate": 24000 },
      "turn_detection": {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500,
        "create_response": true,
        "interrupt_response": true
      }
    },
    "output": {
      "format": { "type": "audio/pcm", "rate": 24000 },
      "voice": "marin"
    }
  }
}
`;

export const DEFAULT_EVENT_TEXT = `{
  "type": "conversation.item.create",
  "item": {
    "type": "message",
    "role": "user",
    "content": [{ "type": "input_text", "text": "Hello" }]
  }
}
`;

export const DEFAULT_TOOLS_TEXT = '[]\n';

type DraftName = 'session' | 'tools' | 'event';

class Drafts {
	session = $state(DEFAULT_SESSION_TEXT);
	tools = $state(DEFAULT_TOOLS_TEXT);
	event = $state(DEFAULT_EVENT_TEXT);

	constructor() {
		const saved = readSaved();
		for (const name of ['session', 'tools', 'event'] as const) {
			const text = saved[name];
			if (typeof text === 'string') this[name] = text;
		}
	}

	write(name: DraftName, text: string): void {
		if (this[name] === text) return;
		this[name] = text;
		try {
			const { session, tools, event } = this;
			localStorage.setItem(STORAGE_KEY, JSON.stringify({ session, tools, event }));
		} catch {
			// A browser that keeps nothing still lets people write; the drafts then last as long as the page.
		}
	}
}

function readSaved(): Partial<Record<DraftName, unknown>> {
	try {
		const saved: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}');
		return typeof saved === 'object' && saved !== null ? saved : {};
	} catch {
		return {};
	}
}

export const drafts = new Drafts();
