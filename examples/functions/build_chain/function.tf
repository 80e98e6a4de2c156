# Takes certificates in any order and returns what the data plane presents: leaf first, no root.
output "chain_pem" {
  value = provider::mtls::build_chain(file("plant.pem"), file("heap.pem"))
}
