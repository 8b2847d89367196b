// Asks a credential helper as docker does: the user and the secret for a server, or that there are none.
package main

import (
	"fmt"
	"os"

	"github.com/docker/docker-credential-helpers/client"
	"github.com/docker/docker-credential-helpers/credentials"
)

func main() {
	program := client.NewShellProgramFunc(os.Args[1])
	if len(os.Args) == 2 {
		all, err := client.List(program)
		check(err)
		for server, user := range all {
			fmt.Println(server, user)
		}
		return
	}
	found, err := client.Get(program, os.Args[2])
	if credentials.IsErrCredentialsNotFound(err) {
		fmt.Println("none")
		return
	}
	check(err)
	fmt.Println(found.Username, found.Secret)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
