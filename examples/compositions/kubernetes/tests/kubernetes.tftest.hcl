run "fixtures" {
  module { source = "../fixtures" }
}

run "writes_what_the_chart_mounts" {
  variables {
    name = "edge-1"
    issuer = {
      certificate_pem = run.fixtures.certificate_pem.issuing
      chain_pem       = run.fixtures.chain_pem.issuing
      private_key_pem = run.fixtures.private_key_pem.issuing
    }
    trust_anchors_pem = [run.fixtures.certificate_pem.root]
  }
  assert {
    condition     = output.secret == "kong/kong-cluster-cert" && kubernetes_secret_v1.this.type == "kubernetes.io/tls"
    error_message = "the chart looks for a TLS secret kong-cluster-cert in the namespace kong"
  }
  assert {
    condition     = join(" ", keys(kubernetes_secret_v1.this.data)) == "ca.crt tls.crt tls.key"
    error_message = "the secret does not have the three files"
  }
  assert {
    condition     = [for c in provider::mtls::parse_certificates(nonsensitive(kubernetes_secret_v1.this.data["tls.crt"])) : c.subject] == ["CN=edge-1", "CN=Fixture Issuing"]
    error_message = "tls.crt is the leaf, then its intermediate"
  }
  assert {
    condition     = yamldecode(output.helm_values).env.cluster_cert == "/etc/secrets/kong-cluster-cert/tls.crt"
    error_message = "the values do not name the secret's file"
  }
}

run "keeps_it_while_nothing_changes" {
  variables {
    name = "edge-1"
    issuer = {
      certificate_pem = run.fixtures.certificate_pem.issuing
      chain_pem       = run.fixtures.chain_pem.issuing
      private_key_pem = run.fixtures.private_key_pem.issuing
    }
    trust_anchors_pem = [run.fixtures.certificate_pem.root]
  }
  assert {
    condition     = output.renewal_at == run.writes_what_the_chart_mounts.renewal_at
    error_message = "the certificate was issued anew"
  }
}

# Trust can change while the certificate stays. The pods must read it nevertheless.
run "restarts_the_pods_for_another_ca_alone" {
  variables {
    name = "edge-1"
    issuer = {
      certificate_pem = run.fixtures.certificate_pem.issuing
      chain_pem       = run.fixtures.chain_pem.issuing
      private_key_pem = run.fixtures.private_key_pem.issuing
    }
    trust_anchors_pem = [run.fixtures.certificate_pem.root, run.fixtures.certificate_pem.issuing]
  }
  assert {
    condition     = yamldecode(output.helm_values).podAnnotations["mtls/fingerprint"] == yamldecode(run.writes_what_the_chart_mounts.helm_values).podAnnotations["mtls/fingerprint"]
    error_message = "the certificate was issued anew"
  }
  assert {
    condition     = yamldecode(output.helm_values).podAnnotations != yamldecode(run.writes_what_the_chart_mounts.helm_values).podAnnotations
    error_message = "the new ca.crt never reaches the pods"
  }
}

run "gives_a_self_hosted_control_plane_its_ca" {
  variables {
    name     = "edge-1"
    verifier = "kong_hybrid_pki"
    issuer = {
      certificate_pem = run.fixtures.certificate_pem.issuing
      chain_pem       = run.fixtures.chain_pem.issuing
      private_key_pem = run.fixtures.private_key_pem.issuing
    }
    trust_anchors_pem = [run.fixtures.certificate_pem.root]
  }
  assert {
    condition     = yamldecode(output.helm_values).env.lua_ssl_trusted_certificate == "/etc/secrets/kong-cluster-cert/ca.crt"
    error_message = "the data plane cannot check the control plane"
  }
}
