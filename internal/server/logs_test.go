package server

import (
	"maps"
	"testing"
)

func TestFrameworkIsSilentWhereNobodyListens(t *testing.T) {
	silent := map[string]string{logSDK: "off", logSDKFramework: "off", logSDKProtocol: "off"}
	for name, test := range map[string]struct{ environment, want map[string]string }{
		"no logs asked for":       {nil, silent},
		"an empty level":          {map[string]string{"TF_LOG": ""}, merged(silent, "TF_LOG", "")},
		"logs of everything":      {map[string]string{"TF_LOG": "debug"}, map[string]string{"TF_LOG": "debug"}},
		"logs of providers":       {map[string]string{"TF_LOG_PROVIDER": "INFO"}, map[string]string{"TF_LOG_PROVIDER": "INFO"}},
		"logs of Terraform alone": {map[string]string{"TF_LOG_CORE": "trace"}, merged(silent, "TF_LOG_CORE", "trace")},
		"a level set by the user": {map[string]string{logSDK: "warn"}, merged(silent, logSDK, "warn")},
	} {
		t.Run(name, func(t *testing.T) {
			got := maps.Clone(test.environment)
			if got == nil {
				got = map[string]string{}
			}
			lookup := func(name string) (string, bool) { value, ok := got[name]; return value, ok }
			set := func(name, value string) error { got[name] = value; return nil }
			if err := silenceFramework(lookup, set); err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(got, test.want) {
				t.Errorf("environment is %v, want %v", got, test.want)
			}
		})
	}
}

func merged(environment map[string]string, name, value string) map[string]string {
	environment = maps.Clone(environment)
	environment[name] = value
	return environment
}
