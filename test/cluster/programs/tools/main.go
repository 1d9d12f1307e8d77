// Small things that a node needs: `pause` (first process of a pod, and of the cluster: it reaps, and ends on SIGTERM),
// `certificates FOLDER ADDRESS…` (an authority, a certificate of the API server for the addresses and names, one for its calls to the kubelet,
// one for its calls to API servers that extend it); and under the names `setup` and `teardown` what makes and removes the folder of a volume
// for local-path-provisioner, which names it in VOL_DIR.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	switch filepath.Base(os.Args[0]) {
	case "setup":
		// For pods of any user; a mask takes nothing away from it.
		check(os.MkdirAll(volume(), 0o755))
		check(os.Chmod(volume(), 0o777))
		return
	case "teardown":
		check(os.RemoveAll(volume()))
		return
	}
	if len(os.Args) > 2 && os.Args[1] == "certificates" {
		certificates(os.Args[2], os.Args[3:])
		return
	}
	pause()
}

func volume() string {
	folder := os.Getenv("VOL_DIR")
	if !filepath.IsAbs(folder) {
		check(fmt.Errorf("VOL_DIR is %q, which is no absolute path", folder))
	}
	return folder
}

func pause() {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGCHLD)
	for received := range signals {
		if received != syscall.SIGCHLD {
			os.Exit(0)
		}
		for {
			pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
			if pid <= 0 || err != nil {
				break
			}
		}
	}
}

func certificates(folder string, names []string) {
	key := newKey()
	authority := template("crossdock-cluster", nil)
	authority.IsCA = true
	authority.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	write(folder, "ca", authority, authority, key, key)

	server := template("kube-apiserver", nil)
	server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, name := range names {
		if address := net.ParseIP(name); address != nil {
			server.IPAddresses = append(server.IPAddresses, address)
		} else {
			server.DNSNames = append(server.DNSNames, name)
		}
	}
	write(folder, "apiserver", server, authority, newKey(), key)

	client := template("kube-apiserver-kubelet-client", []string{"system:masters"})
	client.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	write(folder, "kubelet-client", client, authority, newKey(), key)

	proxy := template("front-proxy-client", nil)
	proxy.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	write(folder, "front-proxy-client", proxy, authority, newKey(), key)
}

func template(name string, groups []string) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	check(err)
	return &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: name, Organization: groups},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().AddDate(1, 0, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
	}
}

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	return key
}

func write(folder, name string, certificate, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) {
	der, err := x509.CreateCertificate(rand.Reader, certificate, parent, &key.PublicKey, signer)
	check(err)
	private, err := x509.MarshalECPrivateKey(key)
	check(err)
	save(filepath.Join(folder, name+".crt"), "CERTIFICATE", der, 0o644)
	save(filepath.Join(folder, name+".key"), "EC PRIVATE KEY", private, 0o600)
}

func save(path, kind string, der []byte, mode os.FileMode) {
	check(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
