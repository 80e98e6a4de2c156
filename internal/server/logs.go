package server

// The levels of the plugin framework's own logs, as the framework reads them
// from the environment.
const (
	logSDK          = "TF_LOG_SDK"
	logSDKFramework = "TF_LOG_SDK_FRAMEWORK"
	logSDKProtocol  = "TF_LOG_SDK_PROTO"
)

// silenceFramework turns the framework's logs off where nobody listens.
//
// Without a level the framework traces every value of every call, in JSON over
// a pipe, and Terraform reads all of it only to drop it unless TF_LOG or
// TF_LOG_PROVIDER asks for logs. That is half of the provider's time for a
// thousand certificates, and what grows with the square of a set's size: see
// BenchmarkFrameworkContext in internal/provider. The provider's own logs and
// every level that a user sets stay as they are.
func silenceFramework(lookup func(string) (string, bool), set func(name, value string) error) error {
	for _, listener := range []string{"TF_LOG", "TF_LOG_PROVIDER"} {
		if level, _ := lookup(listener); level != "" {
			return nil
		}
	}
	for _, name := range []string{logSDK, logSDKFramework, logSDKProtocol} {
		if _, chosen := lookup(name); chosen {
			continue
		}
		if err := set(name, "off"); err != nil {
			return err
		}
	}
	return nil
}
