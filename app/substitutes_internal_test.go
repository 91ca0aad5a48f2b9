package app

import (
	"strings"
	"testing"

	"phutai/configs"
)

func TestRulesOfTheExampleAreSoundAndOff(t *testing.T) {
	cfg, err := parseConfig("phutai.yml", configs.Example)
	if err != nil || len(cfg.Store.Audit.Substitutes) != 0 {
		t.Fatalf("%v, rules %v", err, cfg.Store.Audit.Substitutes)
	}
	text := strings.ReplaceAll(string(configs.Example), "    # substitutes:", "    substitutes:")
	text = strings.ReplaceAll(text, "    #   - {name", "      - {name")
	cfg, err = parseConfig("phutai.yml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if rules := cfg.Store.Audit.Substitutes; len(rules) != 2 || rules[0].Method != "linear" || rules[0].ValidFrom != "2026-06-01" || len(rules[1].Quantities) != 7 {
		t.Errorf("%+v", rules)
	}
	_, err = parseConfig("phutai.yml", []byte(strings.ReplaceAll(text, "method: linear", "method: rumour")))
	if err == nil || !strings.Contains(err.Error(), `store.audit.substitutes: rule 1 ("short gaps"): method "rumour" is not known`) {
		t.Errorf("got %v", err)
	}
}
