# On the node: a key that stays there, and the CSR to send.
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out node.key
openssl req -new -key node.key -subj /CN=node-1 -addext subjectAltName=DNS:node-1.dp.acme.internal -out node.csr
