/** For tests: conversations with the scenarios that come with the simulator. */
import { loadScenario, shippedFolder } from '#simulator/scenario/scenario-files.ts';
import { ScenarioConversation, toolOf } from '#simulator/scenario/testing/scenario-conversation.ts';

/** The tools that each shipped scenario knows, by name. */
export const shippedTools: Record<string, string[]> = {
	default: ['get_weather'],
	interpreter: [],
	'language-tutor': ['save_word'],
	receptionist: ['manage_appointment'],
	'solar-system': ['focus_planet', 'display_data', 'reset_camera', 'show_orbit', 'show_moons'],
	'support-agent': ['lookup_order', 'refund_order', 'transfer_to_person']
};

/** A conversation with a shipped scenario. Any output fits these tools: their schemas say nothing. */
export const openShipped = (name: string, tools: readonly string[] = shippedTools[name] ?? []): ScenarioConversation =>
	new ScenarioConversation(
		loadScenario(`${shippedFolder}${name}.json`),
		tools.map((tool) => toolOf(tool))
	);
