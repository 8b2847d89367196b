// Lists the namespaces of the cluster that a kubeconfig names, as every client of client-go does.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	check(err)
	client, err := rest.HTTPClientFor(config)
	check(err)
	answer, err := client.Get(config.Host + "/api/v1/namespaces")
	check(err)
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		check(fmt.Errorf("the API server says %s", answer.Status))
	}
	var list struct {
		Items []struct{ Metadata struct{ Name string } }
	}
	check(json.NewDecoder(answer.Body).Decode(&list))
	for _, item := range list.Items {
		fmt.Println(item.Metadata.Name)
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
